/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import io.netty.channel.Channel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;

/**
 * One task that another group's leader has. What the task brings is stored until the loan is closed; when it is
 * {@linkplain #isOver over} besides nothing of it is on its way into the log, so that the positions there are those to
 * go on from. Safe from any thread.
 */
public final class Loan {
    private final long number;
    private final Channel channel;
    private final LentSource source;
    /** The other side says that it has ended, or is gone. */
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private boolean closed;
    private int storing;

    Loan(long number, Channel channel, LentSource source) {
        this.number = number;
        this.channel = channel;
        this.source = source;
    }

    long number() {
        return number;
    }

    /** Stores what the task brought and answers, on whichever thread stores. */
    void store(LendFrame.Store brought) {
        if (!enter()) {
            LendChannel.say(channel, new LendFrame.Refused(brought.request(), notLent()));
            return;
        }
        source.store(
                brought.messages(),
                brought.positions(),
                Reply.of(
                        stored -> {
                            leave();
                            LendChannel.say(channel, new LendFrame.Kept(brought.request(), stored));
                        },
                        refused -> {
                            leave();
                            LendChannel.say(channel, new LendFrame.Refused(brought.request(), refused));
                        }));
    }

    static BrokerException notLent() {
        return new BrokerException(Reason.CLOSED, "the task was taken back: another one may have it");
    }

    private synchronized boolean enter() {
        if (!closed) {
            storing++;
        }
        return !closed;
    }

    private void leave() {
        synchronized (this) {
            storing--;
        }
        finish();
    }

    /** Nothing more is stored of the task. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        ended.complete(null);
        finish();
    }

    private void finish() {
        boolean last;
        synchronized (this) {
            last = closed && storing == 0;
        }
        if (last) {
            over.complete(null);
        }
    }

    /** Whether the task may be given to another. */
    public boolean isOver() {
        return over.isDone();
    }

    /** Asks for the task's end. */
    public void end() {
        LendChannel.say(channel, new LendFrame.End(number));
    }

    /**
     * Waits for the task's end as long as it may take, then takes it back in any case, and waits until nothing of it is
     * on its way.
     */
    public void awaitEnd(long millis) throws InterruptedException {
        try {
            ended.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            source.failed();
        } finally {
            close();
        }
        try {
            over.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a loan does not fail", e);
        }
    }
}
