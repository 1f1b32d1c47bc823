/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.util.Map;

/** Where administration, logins and denials are written down. Safe from any thread; never blocks. */
public interface Audit extends AutoCloseable {
    /** Writes nothing down. */
    Audit NONE = event -> {};

    /** What the line is about. */
    enum Kind {
        LOGIN,
        LOGIN_FAILED,
        DENIED,
        ADMIN
    }

    /**
     * One line.
     *
     * @param principal who; empty for nobody
     * @param origin from where
     * @param what the operation or the reason
     * @param details more, without secrets
     */
    record Event(Kind kind, String principal, Origin origin, String what, Map<String, String> details) {
        public Event {
            details = Map.copyOf(details);
        }
    }

    void write(Event event);

    /** Writes what waits. */
    @Override
    default void close() {}
}
