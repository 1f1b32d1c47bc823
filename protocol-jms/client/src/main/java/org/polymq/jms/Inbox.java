/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.TagRange;

/**
 * A consumer's deliveries: those not yet handed to the application, and those handed to it and not settled. A queue's
 * are handed out by priority. Guarded by its session's lock.
 */
final class Inbox {
    /** What a message takes besides its body, roughly, in bytes. */
    private static final int OVERHEAD = 128;

    /** So many settlements are remembered. */
    private static final int SETTLING = 256;

    /** A delivery is overtaken by at most so many windows full of others. */
    private static final int MOST_WINDOWS_AHEAD = 4;

    private static final Comparator<Arrived> IN_ORDER = Comparator.comparingLong(arrived -> arrived.tag);
    private static final Comparator<Arrived> BY_PRIORITY =
            Comparator.<Arrived>comparingInt(arrived -> -arrived.priority).thenComparing(IN_ORDER);

    /** A delivery that has come. */
    private static final class Arrived {
        private final long tag;
        private final int priority;
        private final int size;
        private final long order;
        /** Null once it was handed over. */
        private @Nullable Deliver delivery;

        Arrived(Deliver delivery, long order) {
            byte[] body = delivery.message().body();
            this.tag = delivery.tag();
            this.priority = delivery.message().priority();
            this.size = OVERHEAD + (body == null ? 0 : body.length);
            this.order = order;
            this.delivery = delivery;
        }
    }

    private record Handing(long tag, String id) {}

    private final int consumerId;
    private final int window;
    private final int windowBytes;
    private final Queue<Arrived> waiting;
    /** From the first that was not handed over on, those that overtook it included; by tag. */
    private final Deque<Arrived> span = new ArrayDeque<>();
    /** Tags and ids of what was handed over and not settled, in the order of handing over. */
    private final Deque<Handing> handings = new ArrayDeque<>();
    /** Ids of the latest that were settled: whether that was stored is not known when the connection breaks. */
    private final Deque<String> settling = new ArrayDeque<>();
    /** Ids of what was handed over before the connection broke: it may come again. */
    private final Set<String> known = new HashSet<>();

    private @Nullable Arrived latest;
    private long lastTag;
    /** How many of the span were handed over. */
    private int ahead;

    private long aheadBytes;
    private int allowed;
    private int handedSinceFlow;
    private long bytesSinceFlow;

    /**
     * An inbox whose broker may be {@code window} messages or {@code windowBytes} bytes ahead of the application.
     *
     * @param byPriority whether higher priorities overtake lower ones
     */
    Inbox(int consumerId, int window, int windowBytes, boolean byPriority) {
        this.consumerId = consumerId;
        this.window = window;
        this.windowBytes = windowBytes;
        this.waiting = new PriorityQueue<>(byPriority ? BY_PRIORITY : IN_ORDER);
    }

    /** Takes a delivery; {@code order} tells which of a session's inboxes has the oldest. */
    void add(Deliver delivery, long order) {
        lastTag = delivery.tag();
        boolean again = !known.isEmpty() && known.remove(delivery.message().id());
        Arrived arrived = new Arrived(again ? again(delivery) : delivery, order);
        waiting.add(arrived);
        span.add(arrived);
    }

    /** The broker may not know that the application was handed it before. */
    private static Deliver again(Deliver delivery) {
        return new Deliver(delivery.consumerId(), delivery.tag(), Math.max(2, delivery.count()), delivery.message());
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The order of the next delivery, {@link Long#MAX_VALUE} if there is none. */
    long firstOrder() {
        Arrived first = waiting.peek();
        return first == null ? Long.MAX_VALUE : first.order;
    }

    /** Hands out the next delivery, or null. */
    @Nullable
    Deliver poll() {
        Arrived next = waiting.poll();
        if (next == null) {
            return null;
        }
        Deliver delivery = next.delivery;
        latest = next;
        next.delivery = null;
        ahead++;
        aheadBytes += next.size;
        for (Arrived first = span.peek(); first != null && first.delivery == null; first = span.peek()) {
            ahead--;
            aheadBytes -= first.size;
            span.remove();
        }
        if (delivery != null) {
            handings.add(new Handing(next.tag, delivery.message().id()));
        }
        handedSinceFlow++;
        bytesSinceFlow += next.size;
        return delivery;
    }

    /** Takes back what {@link #poll} gave last, as if it had not. */
    void putBack(Deliver delivery) {
        Arrived back = latest;
        if (back == null || back.tag != delivery.tag()) {
            throw new IllegalArgumentException("delivery " + delivery.tag() + " is not the latest");
        }
        latest = null;
        back.delivery = delivery;
        waiting.add(back);
        Arrived first = span.peek();
        if (first == null || first.tag > back.tag) {
            span.addFirst(back);
        } else {
            ahead--;
            aheadBytes -= back.size;
        }
        handings.pollLast();
        handedSinceFlow = Math.max(0, handedSinceFlow - 1);
        bytesSinceFlow = Math.max(0, bytesSinceFlow - back.size);
    }

    /** Forgets what was not handed over: the broker has it back. */
    void clear() {
        waiting.clear();
        span.clear();
        ahead = 0;
        aheadBytes = 0;
        handedSinceFlow = 0;
        bytesSinceFlow = 0;
    }

    /**
     * The connection broke: what was not settled went back, and comes again with other tags. Answers whether the
     * application had been handed some of it.
     */
    boolean interrupt() {
        boolean some = !handings.isEmpty();
        clear();
        handings.forEach(handing -> known.add(handing.id()));
        known.addAll(settling);
        handings.clear();
        settling.clear();
        return some;
    }

    /** The last tag that has come: those of the next connection begin after it. */
    long lastTag() {
        return lastTag;
    }

    /** Everything up to this tag was handed over. */
    private long floor() {
        Arrived first = span.peek();
        return first == null ? lastTag : first.tag - 1;
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

    /** A flow frame that allows that many messages from here on, besides those that overtook others. */
    Flow flow(int messages) {
        handedSinceFlow = 0;
        bytesSinceFlow = 0;
        allowed = messages;
        int more = Math.min(ahead, MOST_WINDOWS_AHEAD * window);
        long bytes = Math.min(windowBytes + aheadBytes, Integer.MAX_VALUE);
        return new Flow(consumerId, floor(), messages + more, (int) bytes);
    }

    int window() {
        return window;
    }

    /** What was handed over and not settled; empty for none. */
    List<TagRange> unsettled() {
        if (handings.isEmpty()) {
            return List.of();
        }
        if (handings.size() == 1) {
            long tag = handings.getFirst().tag();
            return List.of(new TagRange(consumerId, tag, tag));
        }
        long[] tags = handings.stream().mapToLong(Handing::tag).toArray();
        Arrays.sort(tags);
        List<TagRange> ranges = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= tags.length; i++) {
            if (i == tags.length || tags[i] != tags[i - 1] + 1) {
                ranges.add(new TagRange(consumerId, tags[start], tags[i - 1]));
                start = i;
            }
        }
        return ranges;
    }

    int unsettledCount() {
        return handings.size();
    }

    /** Counts everything handed over as settled or returned. */
    void settle() {
        settle(handings.size());
    }

    /** Counts the first so many that were handed over, and not settled, as settled. */
    void settle(long count) {
        for (long left = count; left > 0 && !handings.isEmpty(); left--) {
            settling.add(handings.removeFirst().id());
            if (settling.size() > SETTLING) {
                settling.removeFirst();
            }
        }
    }
}
