/* SPDX-License-Identifier: Apache-2.0 */
/**
 * MQTT 3.1, 3.1.1 and 5.0 as bytes: a strict decoder of what clients send, an encoder of what a server sends, and the
 * packets between them as immutable values. Knows no broker.
 *
 * <pre>
 *   bytes -> PacketDecoder (frame guard, then one frame at a time) -> Packet
 *   Packet -> PacketEncoder -> bytes          EncodedPublish: one PUBLISH for many subscribers
 * </pre>
 */
@NullMarked
package org.polymq.mqtt.wire;

import org.jspecify.annotations.NullMarked;
