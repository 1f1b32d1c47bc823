/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

/** How one link is. Written by its thread, read by any. */
final class LinkState {
    /** What a link is doing. */
    enum Phase {
        CONNECTING,
        CONNECTED,
        /** The remote, or the log here, does not take part; it is tried again. */
        DOWN,
        /** It waits for somebody to restart it. */
        STOPPED
    }

    /**
     * How it is.
     *
     * @param error why it is down or stopped, else empty
     */
    record Condition(Phase phase, String error) {}

    private volatile Condition condition = new Condition(Phase.CONNECTING, "");

    Condition condition() {
        return condition;
    }

    /** Says how it is; answers whether that is news. */
    boolean is(Phase phase, String error) {
        Condition now = new Condition(phase, error);
        boolean news = !condition.equals(now);
        condition = now;
        return news;
    }
}
