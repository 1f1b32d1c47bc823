/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.state.QueueWatches;
import org.polymq.remoting.wire.ResponseCode;

/**
 * A pull that waits at its queue's end. A message that does not match is passed over and the wait goes on, so that a
 * client hears only of what it wants, or that its time is up.
 *
 * <p>Confined to its connection's event loop, except {@link #appended}.
 */
final class ParkedPull implements QueueWatches.Watcher {
    /** Clients give up a request after 30 s: an answer has to come before. */
    private static final long MOST_MILLIS = 25_000;

    private final PullReader reader;
    private final Pull pull;
    private final long askedOffset;
    private final AtomicBoolean woken = new AtomicBoolean();
    private long offset;
    private @Nullable ScheduledFuture<?> timeout;
    private boolean done;

    private ParkedPull(PullReader reader, Pull pull, long askedOffset, long offset) {
        this.reader = reader;
        this.pull = pull;
        this.askedOffset = askedOffset;
        this.offset = offset;
    }

    static void park(PullReader reader, Pull pull, long askedOffset, long offset, long millis) {
        ParkedPull parked = new ParkedPull(reader, pull, askedOffset, offset);
        pull.from().parked().add(parked);
        parked.timeout = pull.from()
                .channel()
                .eventLoop()
                .schedule(parked::timedOut, Math.min(millis, MOST_MILLIS), TimeUnit.MILLISECONDS);
        reader.watch(pull, parked);
        parked.look(); // what came between the read and the watch
    }

    boolean isOf(String group, int topicId) {
        return pull.group().equals(group) && (int) (pull.queue() >>> 16) == topicId;
    }

    /** On the appending thread. */
    @Override
    public void appended() {
        if (woken.compareAndSet(false, true)) {
            pull.from().execute(this::look);
        }
    }

    private void look() {
        woken.set(false);
        while (!done) {
            PullReader.Outcome outcome = reader.read(pull, offset);
            if (outcome.isNothingYet()) {
                if (reader.isTopicGone(pull)) {
                    timedOut(); // its next pull is told so, or finds the topic that took the name
                }
                return;
            }
            if (outcome.code() != ResponseCode.PULL_RETRY_IMMEDIATELY) {
                finish();
                reader.answer(pull, outcome);
                return;
            }
            offset = outcome.nextOffset();
        }
    }

    /** Answers that there is nothing: its time is up, or the client has to ask anew. */
    void timedOut() {
        if (done) {
            return;
        }
        finish();
        reader.answer(pull, reader.nothing(pull, askedOffset, offset));
    }

    /** The connection is gone: nobody is answered. */
    void cancel() {
        if (!done) {
            finish();
        }
    }

    private void finish() {
        done = true;
        reader.unwatch(pull, this);
        pull.from().parked().remove(this);
        ScheduledFuture<?> pending = timeout;
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
