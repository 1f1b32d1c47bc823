/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/**
 * A group has let in the client behind a gateway's stream. Goes before CONNACK, and only to gateways: not of MQTT.
 *
 * @param existed whether the client had a session here that was to outlive its connection, cleared or not
 * @param user as whom the client is let in; empty while security is off
 */
public record Admitted(boolean existed, String user) implements Packet {}
