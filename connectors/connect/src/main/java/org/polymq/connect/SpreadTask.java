/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.polymq.broker.connector.lend.Lending;
import org.polymq.broker.connector.lend.Loan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task of a source that is spread over groups: runs here, or is lent to another group's leader, or waits for one. */
final class SpreadTask implements ConnectorTask {
    private static final Logger LOG = LoggerFactory.getLogger(SpreadTask.class);
    /** More than the other side needs to give up a task that does not stop, and to say so. */
    private static final long ANSWER_MILLIS = 3_000;

    private final Lending lending;
    private final TaskSettings settings;
    private final TaskThread here;
    private final long stopMillis;
    private volatile int slot;
    private volatile @Nullable Loan loan;

    /**
     * Not started.
     *
     * @param here the task as it runs in this process
     * @param stopMillis how long it may take to stop
     */
    SpreadTask(Lending lending, TaskSettings settings, TaskThread here, long stopMillis) {
        this.lending = lending;
        this.settings = settings;
        this.here = here;
        this.stopMillis = stopMillis;
        this.slot = lending.slot(settings.number());
    }

    @Override
    public void start() {
        Loan before = loan;
        if (before != null && !before.isOver()) {
            return; // who waited for its end was interrupted: it is begun by a later look
        }
        slot = lending.slot(settings.number());
        if (lending.isOwn(slot)) {
            here.start();
        } else {
            loan = lending.begin(slot, settings.number(), settings.tasks(), settings.properties())
                    .orElse(null);
        }
        LOG.info(
                "connector {}: task {} {} group {}",
                settings.context().name(),
                settings.number(),
                lending.isOwn(slot) || loan != null ? "runs in" : "waits for a leader of",
                lending.group(slot));
    }

    /** Whether it belongs elsewhere by now, or can be begun at last: it is to be stopped and started. */
    boolean isMisplaced() {
        int wanted = lending.slot(settings.number());
        if (wanted != slot) {
            return true;
        }
        Loan current = loan;
        return !lending.isOwn(wanted) && (current == null || current.isOver()) && lending.isServed(wanted);
    }

    @Override
    public void signalStop() {
        Loan current = loan;
        if (current != null) {
            current.end();
        }
        here.signalStop();
    }

    @Override
    public void awaitStop() {
        here.awaitStop();
        Loan current = loan;
        if (current == null) {
            return;
        }
        try {
            current.awaitEnd(stopMillis + ANSWER_MILLIS);
            loan = null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void pause() {
        here.pause(); // the other groups' leaders are told by the definition
    }

    @Override
    public void resume() {
        here.resume();
    }

    @Override
    public Task status() {
        int place = slot;
        if (lending.isOwn(place)) {
            return here.status();
        }
        Loan current = loan;
        boolean lent = current != null && !current.isOver();
        return new Task(settings.number(), lent ? State.RUNNING : State.UNASSIGNED, "", lending.group(place));
    }
}
