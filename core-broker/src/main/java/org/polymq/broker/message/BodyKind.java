/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

/** What a body's bytes are. Stored by {@link #code}, never by ordinal. */
public enum BodyKind {
    /** Bytes without a meaning to the broker: native and MQTT messages, JMS BytesMessage. */
    BYTES(0),
    /** UTF-8 text: JMS TextMessage. */
    TEXT(1),
    /** {@link TypedItems} with names: JMS MapMessage. Shown as a JSON object outside JMS. */
    MAP(2),
    /** {@link TypedItems} without names: JMS StreamMessage. Shown as a JSON array outside JMS. */
    STREAM(3),
    /** A serialised Java object: JMS ObjectMessage. Never deserialised by the broker. */
    OBJECT(4),
    /** A JMS message that has no body at all. */
    EMPTY(5);

    private final int code;

    BodyKind(int code) {
        this.code = code;
    }

    /** The number in records and in the JMS protocol. */
    public int code() {
        return code;
    }

    /** The kind of a {@link #code}; IllegalArgumentException if there is none. */
    public static BodyKind of(int code) {
        return switch (code) {
            case 0 -> BYTES;
            case 1 -> TEXT;
            case 2 -> MAP;
            case 3 -> STREAM;
            case 4 -> OBJECT;
            case 5 -> EMPTY;
            default -> throw new IllegalArgumentException("unknown kind of body " + code);
        };
    }
}
