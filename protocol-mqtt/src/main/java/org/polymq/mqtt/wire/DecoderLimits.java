/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/**
 * What a decoder accepts before it gives up on a connection.
 *
 * @param maxConnectSize bytes of the first packet, fixed header included
 * @param maxPacketSize bytes of any later packet, fixed header included; at most 268435460
 * @param maxTopicLength characters of a topic name or filter
 * @param maxTopicLevels levels of a topic name or filter
 * @param maxFilters filters in one SUBSCRIBE or UNSUBSCRIBE
 * @param maxUserProperties user properties in one packet
 * @param maxUserPropertyBytes bytes of names and values of all user properties of one packet
 */
public record DecoderLimits(
        int maxConnectSize,
        int maxPacketSize,
        int maxTopicLength,
        int maxTopicLevels,
        int maxFilters,
        int maxUserProperties,
        int maxUserPropertyBytes) {
    public static final DecoderLimits DEFAULT =
            new DecoderLimits(128 * 1024, 1024 * 1024, 1024, 128, 100, 64, 16 * 1024);

    public DecoderLimits {
        if (maxConnectSize < 64 || maxPacketSize < 64 || maxPacketSize > 268_435_460) {
            throw new IllegalArgumentException(
                    "packet size limits must be 64 to 268435460, not " + maxConnectSize + " and " + maxPacketSize);
        }
        if (maxTopicLength < 1 || maxTopicLevels < 1 || maxFilters < 1) {
            throw new IllegalArgumentException("topic and filter limits must be at least 1");
        }
    }
}
