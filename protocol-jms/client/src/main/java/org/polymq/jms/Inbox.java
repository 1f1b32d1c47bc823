/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Handed;
import org.polymq.jms.wire.Frame.TagRange;

/**
 * A consumer's deliveries: those not yet handed to the application, and how far it was handed them and settled them.
 * Guarded by its session's lock.
 */
final class Inbox {
    /** What a message takes besides its body, roughly, in bytes. */
    private static final int OVERHEAD = 128;

    private record Arrived(Deliver delivery, long order) {}

    private final int consumerId;
    private final int window;
    private final int windowBytes;
    private final Deque<Arrived> waiting = new ArrayDeque<>();
    private long handed;
    private long settled;
    private int handedSinceFlow;
    private long bytesSinceFlow;

    /** An inbox whose broker may be {@code window} messages or {@code windowBytes} bytes ahead of the application. */
    Inbox(int consumerId, int window, int windowBytes) {
        this.consumerId = consumerId;
        this.window = window;
        this.windowBytes = windowBytes;
    }

    /** Takes a delivery; {@code order} tells which of a session's inboxes has the oldest. */
    void add(Deliver delivery, long order) {
        waiting.add(new Arrived(delivery, order));
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The order of the first delivery, {@link Long#MAX_VALUE} if there is none. */
    long firstOrder() {
        Arrived first = waiting.peek();
        return first == null ? Long.MAX_VALUE : first.order();
    }

    /** Hands out the first delivery, or null. */
    @Nullable
    Deliver poll() {
        Arrived first = waiting.poll();
        if (first == null) {
            return null;
        }
        handed = first.delivery().tag();
        handedSinceFlow++;
        bytesSinceFlow += size(first.delivery());
        return first.delivery();
    }

    /** Takes back what {@link #poll} gave last, as if it had not. */
    void putBack(Deliver delivery) {
        waiting.addFirst(new Arrived(delivery, 0));
        handed = delivery.tag() - 1;
        handedSinceFlow = Math.max(0, handedSinceFlow - 1);
        bytesSinceFlow = Math.max(0, bytesSinceFlow - size(delivery));
    }

    /** Forgets what was not handed over: the broker has it back. */
    void clear() {
        waiting.clear();
        handedSinceFlow = 0;
        bytesSinceFlow = 0;
    }

    /** The next flow frame if half the window is used up, else null. */
    @Nullable
    Flow flowDue() {
        boolean due = window > 0 && (handedSinceFlow * 2 >= window || bytesSinceFlow * 2 >= windowBytes);
        return due ? flow(window) : null;
    }

    /** A flow frame that allows that many messages from here on. */
    Flow flow(int messages) {
        handedSinceFlow = 0;
        bytesSinceFlow = 0;
        return new Flow(consumerId, handed, messages, windowBytes);
    }

    int window() {
        return window;
    }

    Handed handed() {
        return new Handed(consumerId, handed);
    }

    /** What was handed over and not settled, or null for none. */
    @Nullable
    TagRange unsettled() {
        return handed > settled ? new TagRange(consumerId, settled + 1, handed) : null;
    }

    long unsettledCount() {
        return handed - settled;
    }

    /** Counts everything handed over as settled or returned. */
    void settle() {
        settled = handed;
    }

    /** Counts everything up to a tag as settled. */
    void settle(long tag) {
        settled = Math.max(settled, tag);
    }

    private static int size(Deliver delivery) {
        byte[] body = delivery.message().body();
        return OVERHEAD + (body == null ? 0 : body.length);
    }
}
