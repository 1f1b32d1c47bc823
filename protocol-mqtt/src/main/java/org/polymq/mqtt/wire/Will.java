/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;

/**
 * The message a connection leaves behind when it ends without DISCONNECT.
 *
 * @param delaySeconds how long after the end it is published at the latest, 0 to 2^32-1
 */
public record Will(
        String topic, ByteBuffer payload, int qos, boolean retain, long delaySeconds, MessageProperties properties) {}
