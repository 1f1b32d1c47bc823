/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.follow;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.polymq.broker.message.TopicFilter;

/**
 * What happened to the messages of one client, or of the topics that a filter matches, for a while: the newest events,
 * within a rate; what is beyond is counted. Safe from any thread.
 */
public final class MessageTrace {
    private static final int KEPT = 1_000;
    private static final int MOST_PER_SECOND = 500;

    private final Subject subject;
    private final Instant started;
    private final Instant until;
    private final Optional<TopicFilter> filter;
    private final ArrayDeque<MessageEvent> events = new ArrayDeque<>();
    private long second;
    private int inSecond;
    private long missed;

    /**
     * Whom or what a trace follows.
     *
     * @param client a client id, or the address of one with or without its port; empty for any
     * @param topic an MQTT topic filter; empty for any
     */
    public record Subject(String client, String topic) {}

    /** @throws org.polymq.broker.BrokerException INVALID_NAME for what is no filter */
    MessageTrace(Subject subject, Instant started, Instant until) {
        this.subject = subject;
        this.started = started;
        this.until = until;
        this.filter = subject.topic().isEmpty() ? Optional.empty() : Optional.of(TopicFilter.of(subject.topic()));
    }

    public Subject subject() {
        return subject;
    }

    public Instant started() {
        return started;
    }

    /** When it ends, or ended. */
    public Instant until() {
        return until;
    }

    /** The newest events, the oldest of them first. */
    public synchronized List<MessageEvent> events() {
        return List.copyOf(events);
    }

    /** Events that came too fast, or were pushed out by newer ones. */
    public synchronized long missed() {
        return missed;
    }

    /** Keeps an event of its subject. */
    void take(MessageEvent event) {
        boolean wanted = isOfClient(event.client())
                && (filter.isEmpty() || filter.orElseThrow().matches(event.topic()));
        if (wanted) {
            keep(event);
        }
    }

    private boolean isOfClient(String client) {
        return subject.client().isEmpty()
                || client.equals(subject.client())
                || client.startsWith(subject.client() + ":");
    }

    private synchronized void keep(MessageEvent event) {
        long now = event.started().getEpochSecond();
        if (now != second) {
            second = now;
            inSecond = 0;
        }
        if (++inSecond > MOST_PER_SECOND) {
            missed++;
            return;
        }
        if (events.size() == KEPT) {
            events.remove();
            missed++;
        }
        events.add(event);
    }
}
