/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process has opened, closed in reverse order, each part even when one before it failed. Used by one thread at a
 * time.
 */
final class Parts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Parts.class);

    private record Part(String name, AutoCloseable close) {}

    private final Deque<Part> open = new ArrayDeque<>();

    /** Remembers how to close a part that is open from now on; answers the part. */
    <T extends AutoCloseable> T add(String name, T part) {
        open.push(new Part(name, part));
        return part;
    }

    /** Remembers something that has to be done at this place of the way down. */
    void atClose(String name, AutoCloseable action) {
        open.push(new Part(name, action));
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            Part part = open.pop();
            try {
                part.close().close();
            } catch (Exception e) {
                log.error("{} did not close well", part.name(), e);
            }
        }
    }
}
