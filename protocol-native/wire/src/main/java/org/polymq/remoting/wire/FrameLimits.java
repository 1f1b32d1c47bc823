/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

/**
 * What a peer may send at most.
 *
 * @param frameBytes the whole frame without its length field
 * @param headerBytes the header
 * @param fields extension fields of one header
 */
public record FrameLimits(int frameBytes, int headerBytes, int fields) {
    /** 16 MiB frames as RocketMQ, 256 KiB of header (32 KB of properties, escaped), 256 fields. */
    public static final FrameLimits DEFAULT = new FrameLimits(16 * 1024 * 1024, 256 * 1024, 256);

    public FrameLimits {
        if (frameBytes < 64 || headerBytes < 32 || fields < 1) {
            throw new IllegalArgumentException(
                    "frame limits too small: " + frameBytes + ", " + headerBytes + ", " + fields);
        }
    }
}
