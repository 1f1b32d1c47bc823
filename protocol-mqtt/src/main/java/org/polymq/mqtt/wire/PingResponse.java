/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/** PINGRESP. */
public record PingResponse() implements Packet {}
