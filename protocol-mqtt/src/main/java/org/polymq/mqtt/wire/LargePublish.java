/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/**
 * The beginning of a PUBLISH that is too large to be held whole. Its payload follows in {@link PayloadPart}s before
 * anything else.
 *
 * @param head without payload
 * @param payloadLength bytes to come, above 0
 */
public record LargePublish(Publish head, int payloadLength) implements Packet {}
