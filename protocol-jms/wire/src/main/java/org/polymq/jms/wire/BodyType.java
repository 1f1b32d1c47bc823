/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

/** The message type that a body belongs to; the order is the byte on the wire. */
public enum BodyType {
    /** Plain bytes. */
    BYTES,
    /** UTF-8 text. */
    TEXT,
    /** Named values: an int count, then name and value. */
    MAP,
    /** Values to the end of the body. */
    STREAM,
    /** A serialised Java object. */
    OBJECT,
    /** No body. */
    NONE;

    private static final BodyType[] BY_CODE = values();

    static BodyType of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new ProtocolException("no body type " + code);
        }
        return BY_CODE[code];
    }
}
