/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

/** The protocol a message was published by. Stored by {@link #code}, never by ordinal. */
public enum Origin {
    NATIVE(0),
    JMS(1),
    MQTT(2),
    /** The broker itself: dead letters, wills of sessions that ended while it was down, tests. */
    BROKER(3);

    private final int code;

    Origin(int code) {
        this.code = code;
    }

    /** The number in records: 0 to 3. */
    public int code() {
        return code;
    }

    static Origin of(int code) {
        return switch (code) {
            case 0 -> NATIVE;
            case 1 -> JMS;
            case 2 -> MQTT;
            default -> BROKER;
        };
    }
}
