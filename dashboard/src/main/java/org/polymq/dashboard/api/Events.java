/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

/** One connection that gets server-sent events until it ends. Confined to the connection's event loop. */
public interface Events {
    /** Whether the client keeps up with what it was sent. */
    boolean hasRoom();

    /** Sends one; the value becomes JSON. */
    void send(String event, Object value);

    /** Has a task run whenever there is {@linkplain #hasRoom room} again. */
    void whenRoom(Runnable task);

    /** Has a task run once when the connection ends, or now if it has. */
    void whenClosed(Runnable task);

    /** Ends the connection. */
    void end();

    /** The answer of a route that goes on: a route replies with it instead of a value. */
    @FunctionalInterface
    interface Source {
        /** Called once, after the head of the answer was sent. */
        void begin(Events events);
    }
}
