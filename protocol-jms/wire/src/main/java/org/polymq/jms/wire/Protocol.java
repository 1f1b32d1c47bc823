/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

/** The constants of the protocol that are not fields of a frame. */
public final class Protocol {
    /** The first four bytes a client sends: "PMQJ". */
    public static final int MAGIC = 0x504D514A;

    /** The version this code speaks; the fifth byte a client sends. */
    public static final int VERSION = 2;

    /** Bytes before the first frame: the magic and the version. */
    public static final int PREAMBLE_LENGTH = 5;

    /** Bytes of a frame's type and correlation, counted in its length. */
    static final int HEADER_LENGTH = 5;

    /** The largest frame accepted before the handshake told another limit, in bytes. */
    public static final int HANDSHAKE_FRAME_LIMIT = 64 * 1024;

    /** Bodies from this size on travel in {@link Frame.BodyPart}s of at most this size. */
    public static final int BODY_PART = 256 * 1024;

    private Protocol() {}
}
