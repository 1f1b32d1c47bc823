/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.follow;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Traces that operators asked for, in bounded memory and for a bounded time; while none runs nothing is followed. Safe
 * from any thread.
 */
public final class MessageTraces implements MessageFollower {
    private static final int MOST = 10;

    private final MessageFollowers followers;
    private final InstantSource clock;
    private final Map<Integer, MessageTrace> byNumber = new LinkedHashMap<>();
    private volatile List<MessageTrace> running = List.of();
    private int last;

    public MessageTraces(MessageFollowers followers, InstantSource clock) {
        this.followers = followers;
        this.clock = clock;
    }

    /**
     * Begins one; answers its number. What ended is forgotten when there are too many.
     *
     * @throws BrokerException LIMIT_EXCEEDED if too many run, INVALID_NAME for what is no filter
     */
    public synchronized int begin(MessageTrace.Subject subject, Duration length) {
        Instant now = clock.instant();
        MessageTrace trace = new MessageTrace(subject, now, now.plus(length));
        if (byNumber.size() >= MOST) {
            byNumber.values().removeIf(each -> !each.until().isAfter(now));
        }
        if (byNumber.size() >= MOST) {
            throw new BrokerException(
                    Reason.LIMIT_EXCEEDED, "there are " + MOST + " traces, which is the limit: stop one");
        }
        byNumber.put(++last, trace);
        follow();
        return last;
    }

    /** Ends one and forgets it; whether there was one. */
    public synchronized boolean end(int number) {
        boolean was = byNumber.remove(number) != null;
        follow();
        return was;
    }

    /** All of them, by number. */
    public synchronized Map<Integer, MessageTrace> all() {
        return new LinkedHashMap<>(byNumber);
    }

    public synchronized Optional<MessageTrace> find(int number) {
        return Optional.ofNullable(byNumber.get(number));
    }

    /** What the traces hold of one message, the oldest first. */
    public List<MessageEvent> of(long position) {
        Collection<MessageTrace> traces = all().values();
        return traces.stream()
                .flatMap(trace -> trace.events().stream())
                .filter(event -> event.position() != null && event.position() == position)
                .distinct()
                .sorted(Comparator.comparing(MessageEvent::started))
                .toList();
    }

    private void follow() {
        Instant now = clock.instant();
        List<MessageTrace> still = new ArrayList<>(byNumber.values());
        still.removeIf(trace -> !trace.until().isAfter(now));
        running = List.copyOf(still);
        followers.remove(this);
        if (!still.isEmpty()) {
            followers.add(this);
        }
    }

    @Override
    public void happened(MessageEvent event) {
        boolean over = false;
        for (MessageTrace trace : running) {
            if (event.started().isBefore(trace.until())) {
                trace.take(event);
            } else {
                over = true;
            }
        }
        if (over) {
            ended();
        }
    }

    private synchronized void ended() {
        follow();
    }
}
