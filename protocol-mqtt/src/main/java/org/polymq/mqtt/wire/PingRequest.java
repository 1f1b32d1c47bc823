/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/** PINGREQ. */
public record PingRequest() implements Packet {}
