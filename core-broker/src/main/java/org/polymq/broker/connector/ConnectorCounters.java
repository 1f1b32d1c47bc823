/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.util.concurrent.atomic.LongAdder;

/** What a connector has done since the broker, or its lead, started. Safe from any thread. */
public final class ConnectorCounters {
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder restarts = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder missed = new LongAdder();

    /**
     * The counts at one moment.
     *
     * @param received messages stored that came from the other system
     * @param sent messages that the other system took
     * @param errors operations and records that failed
     * @param retries tries after the first
     * @param restarts starts after the first, of the whole or a task
     * @param deadLetters records that went to the dead letters
     * @param skipped records that were dropped because errors are tolerated
     * @param missed messages that retention took before the connector read them
     */
    public record Counts(
            long received,
            long sent,
            long errors,
            long retries,
            long restarts,
            long deadLetters,
            long skipped,
            long missed) {
        Counts plus(Counts other) {
            return new Counts(
                    received + other.received,
                    sent + other.sent,
                    errors + other.errors,
                    retries + other.retries,
                    restarts + other.restarts,
                    deadLetters + other.deadLetters,
                    skipped + other.skipped,
                    missed + other.missed);
        }
    }

    public void received(long messages) {
        received.add(messages);
    }

    public void sent(long messages) {
        sent.add(messages);
    }

    public void error() {
        errors.increment();
    }

    public void retry() {
        retries.increment();
    }

    public void restart() {
        restarts.increment();
    }

    public void deadLetter() {
        deadLetters.increment();
    }

    public void skipped() {
        skipped.increment();
    }

    void missed(long messages) {
        missed.add(messages);
    }

    public Counts counts() {
        return new Counts(
                received.sum(),
                sent.sum(),
                errors.sum(),
                retries.sum(),
                restarts.sum(),
                deadLetters.sum(),
                skipped.sum(),
                missed.sum());
    }
}
