/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

/** How the header of a frame is written. A response uses the format of its request. */
public enum HeaderFormat {
    /** Type 0: a JSON object. */
    JSON(0),
    /** Type 1: RocketMQ's binary layout. Its request code has 16 bits. */
    BINARY(1);

    private final int id;

    HeaderFormat(int id) {
        this.id = id;
    }

    /** The number in the frame's fifth byte. */
    int id() {
        return id;
    }
}
