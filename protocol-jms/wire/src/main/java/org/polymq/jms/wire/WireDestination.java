/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

/** A destination by kind and by the name the application uses. */
public record WireDestination(Kind kind, String name) {

    /** What a destination is; the order is the byte on the wire. */
    public enum Kind {
        QUEUE,
        TOPIC,
        TEMPORARY_QUEUE,
        TEMPORARY_TOPIC;

        private static final Kind[] BY_CODE = values();

        static Kind of(int code) {
            if (code < 0 || code >= BY_CODE.length) {
                throw new ProtocolException("no destination kind " + code);
            }
            return BY_CODE[code];
        }

        /** Whether it lives as long as its connection. */
        public boolean isTemporary() {
            return this == TEMPORARY_QUEUE || this == TEMPORARY_TOPIC;
        }

        /** Whether messages of it go to one consumer each. */
        public boolean isQueue() {
            return this == QUEUE || this == TEMPORARY_QUEUE;
        }
    }
}
