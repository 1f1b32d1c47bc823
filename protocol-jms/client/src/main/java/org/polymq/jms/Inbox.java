/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
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

    /** So many settlements are remembered. */
    private static final int SETTLING = 256;

    private record Arrived(Deliver delivery, long order) {}

    private record Handing(long tag, String id) {}

    private final int consumerId;
    private final int window;
    private final int windowBytes;
    private final Deque<Arrived> waiting = new ArrayDeque<>();
    /** Tags and ids of what was handed over and not settled, in order. */
    private final Deque<Handing> handings = new ArrayDeque<>();
    /** Ids of the latest that were settled: whether that was stored is not known when the connection breaks. */
    private final Deque<String> settling = new ArrayDeque<>();
    /** Ids of what was handed over before the connection broke: it may come again. */
    private final Set<String> known = new HashSet<>();

    private long arrived;
    private long handed;
    private long settled;
    private int allowed;
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
        arrived = delivery.tag();
        boolean again = !known.isEmpty() && known.remove(delivery.message().id());
        waiting.add(new Arrived(again ? again(delivery) : delivery, order));
    }

    /** The broker may not know that the application was handed it before. */
    private static Deliver again(Deliver delivery) {
        return new Deliver(delivery.consumerId(), delivery.tag(), Math.max(2, delivery.count()), delivery.message());
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
        handings.add(new Handing(handed, first.delivery().message().id()));
        handedSinceFlow++;
        bytesSinceFlow += size(first.delivery());
        return first.delivery();
    }

    /** Takes back what {@link #poll} gave last, as if it had not. */
    void putBack(Deliver delivery) {
        waiting.addFirst(new Arrived(delivery, 0));
        handed = delivery.tag() - 1;
        handings.pollLast();
        handedSinceFlow = Math.max(0, handedSinceFlow - 1);
        bytesSinceFlow = Math.max(0, bytesSinceFlow - size(delivery));
    }

    /** Forgets what was not handed over: the broker has it back. */
    void clear() {
        waiting.clear();
        handedSinceFlow = 0;
        bytesSinceFlow = 0;
    }

    /**
     * The connection broke: what was not settled went back, and comes again with other tags. Answers whether the
     * application had been handed some of it.
     */
    boolean interrupt() {
        boolean some = handed > settled;
        clear();
        handings.forEach(handing -> known.add(handing.id()));
        known.addAll(settling);
        handings.clear();
        settling.clear();
        handed = Math.max(handed, arrived);
        settled = handed;
        return some;
    }

    /** The tag after which those of the next connection begin. */
    long lastTag() {
        return handed;
    }

    /** The flow frame that says again what the last one allowed. */
    Flow flowAgain() {
        return flow(allowed);
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
        allowed = messages;
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
        settle(handed);
    }

    /** Counts everything up to a tag as settled. */
    void settle(long tag) {
        settled = Math.max(settled, tag);
        while (!handings.isEmpty() && handings.getFirst().tag() <= settled) {
            settling.add(handings.removeFirst().id());
            if (settling.size() > SETTLING) {
                settling.removeFirst();
            }
        }
    }

    private static int size(Deliver delivery) {
        byte[] body = delivery.message().body();
        return OVERHEAD + (body == null ? 0 : body.length);
    }
}
