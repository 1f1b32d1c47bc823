/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Outcome;
import org.polymq.jms.wire.Frame.Recover;
import org.polymq.jms.wire.Frame.Settle;
import org.polymq.jms.wire.Frame.TagRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the consumers of a session were sent, handed and have settled. Its lock guards their inboxes; it is never held
 * while a frame is written or application code runs.
 */
final class Deliveries {
    private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

    private final PolyMQConnection connection;
    private final int sessionId;
    private final int mode;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ListenerLoop loop;
    private final Acknowledgements acknowledgements;
    // All guarded by lock.
    /** The open ones, and closed ones with deliveries that are not settled. */
    private final Map<Integer, PolyMQConsumer> consumers = new LinkedHashMap<>();

    private boolean loopStarted;
    private boolean recovering;
    /** The connection broke while the application held messages that it had not acknowledged. */
    private boolean interrupted;

    private long recoveries;
    private long arrivals;
    private volatile boolean closing;

    Deliveries(PolyMQConnection connection, int sessionId, int mode) {
        this.connection = connection;
        this.sessionId = sessionId;
        this.mode = mode;
        this.acknowledgements = new Acknowledgements(sessionId);
        this.loop = new ListenerLoop(lock, changed, this::nextCall, "polymq-jms-session-" + sessionId);
    }

    ReentrantLock lock() {
        return lock;
    }

    /** Signalled when something that a receiver or listener may wait for has changed. */
    Condition changed() {
        return changed;
    }

    /** Whether the session closes: nothing more is handed over. */
    boolean isClosing() {
        return closing;
    }

    void add(PolyMQConsumer consumer) {
        lock.lock();
        try {
            consumers.put(consumer.id(), consumer);
        } finally {
            lock.unlock();
        }
    }

    /** Takes away one that could not be opened. */
    void remove(PolyMQConsumer consumer) {
        lock.lock();
        try {
            consumers.remove(consumer.id());
        } finally {
            lock.unlock();
        }
    }

    /** Begins or resumes delivery after the connection started. */
    void started() throws JMSException {
        List<PolyMQConsumer> all;
        lock.lock();
        try {
            changed.signalAll();
            all = List.copyOf(consumers.values());
        } finally {
            lock.unlock();
        }
        for (PolyMQConsumer consumer : all) {
            consumer.started();
        }
    }

    /** Waits until no listener runs. */
    void awaitListener() {
        lock.lock();
        try {
            loop.awaitIdle();
        } finally {
            lock.unlock();
        }
    }

    /** Starts the thread that calls listeners, once. Under the lock. */
    void needLoop() {
        if (!loopStarted) {
            loopStarted = true;
            loop.start();
        }
    }

    boolean isListenerThread() {
        return loop.isCurrentThread();
    }

    /** Whether deliveries may be taken in and handed out now. Under the lock. */
    boolean isRecovering() {
        return recovering;
    }

    long nextArrival() {
        return arrivals++;
    }

    /** How often the session was recovered: a listener's message of before must not be acknowledged. Under the lock. */
    long recoveries() {
        return recoveries;
    }

    private @Nullable Runnable nextCall() {
        if (!connection.isStarted() || recovering || closing) {
            return null;
        }
        PolyMQConsumer oldest = null;
        for (PolyMQConsumer consumer : consumers.values()) {
            if (consumer.isReadyToListen()
                    && (oldest == null
                            || consumer.inbox().firstOrder() < oldest.inbox().firstOrder())) {
                oldest = consumer;
            }
        }
        return oldest == null ? null : oldest.nextCall();
    }

    /** Acknowledges deliveries without waiting for it. */
    void settle(List<TagRange> ranges) {
        Link link = connection.line().current();
        if (link != null) {
            ranges.forEach(range -> acknowledgements.add(range, link));
        }
    }

    /** A delivery had expired before it could be handed over. */
    void expired(TagRange delivery) throws JMSException {
        connection.line().tellNow(new Settle(sessionId, Outcome.EXPIRED, List.of(delivery)));
    }

    /** Settles deliveries; returns when the broker has stored it, or the connection broke: then they may come again. */
    void settleAndWait(List<TagRange> ranges) throws JMSException {
        try {
            connection.line().requestNow(new Settle(sessionId, Outcome.ACCEPTED, ranges));
        } catch (BrokenException e) {
            LOG.debug("an acknowledgement may not have been stored; its message may come again", e);
        }
    }

    /** Forgets a consumer that has nothing left to settle. Under the lock. */
    void forget(PolyMQConsumer consumer) {
        consumers.remove(consumer.id());
    }

    /** Settles everything handed over so far; returns when the broker has stored it. */
    void acknowledge() throws JMSException {
        if (takeInterrupted()) {
            throw new JMSException(
                    "the connection broke: messages that were not acknowledged come again", BrokenException.CODE);
        }
        List<TagRange> ranges = unsettled();
        if (!ranges.isEmpty()) {
            try {
                connection.line().requestNow(new Settle(sessionId, Outcome.ACCEPTED, ranges));
            } catch (BrokenException e) {
                takeInterrupted();
                throw e;
            }
            settled(ranges);
        }
    }

    /** Whether the connection broke since this was asked last, while the application held unsettled messages. */
    boolean takeInterrupted() {
        lock.lock();
        try {
            boolean was = interrupted;
            interrupted = false;
            return was;
        } finally {
            lock.unlock();
        }
    }

    /** The connection broke: everything unsettled went back. Answers whether the application held some of it. */
    boolean interrupt() {
        lock.lock();
        try {
            boolean held = false;
            recoveries++;
            for (PolyMQConsumer consumer : consumers.values()) {
                held |= consumer.inbox().interrupt();
            }
            forgetClosed();
            interrupted |= held;
            changed.signalAll();
            return held;
        } finally {
            lock.unlock();
        }
    }

    /** Those that are open. */
    List<PolyMQConsumer> open() {
        lock.lock();
        try {
            return consumers.values().stream()
                    .filter(consumer -> !consumer.isClosed())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** What was handed over and not settled, of all consumers. */
    List<TagRange> unsettled() {
        List<TagRange> ranges = new ArrayList<>();
        lock.lock();
        try {
            for (PolyMQConsumer consumer : consumers.values()) {
                ranges.addAll(consumer.inbox().unsettled());
            }
        } finally {
            lock.unlock();
        }
        return ranges;
    }

    /** The broker has settled them. */
    void settled(List<TagRange> ranges) {
        lock.lock();
        try {
            for (TagRange range : ranges) {
                PolyMQConsumer consumer = consumers.get(range.consumerId());
                if (consumer != null) {
                    consumer.inbox().settle(range.last() - range.first() + 1);
                }
            }
            forgetClosed();
        } finally {
            lock.unlock();
        }
    }

    private void forgetClosed() {
        consumers.values().removeIf(PolyMQConsumer::isClosed);
    }

    /** Returns all unsettled deliveries to the broker, which then delivers again from the oldest. */
    void recover() throws JMSException {
        recover(() -> {});
    }

    /** Something to be done at the broker. */
    interface Step {
        void run() throws JMSException;
    }

    /** The same with a step at the broker before it, from whose begin on nothing more is handed over. */
    void recover(Step before) throws JMSException {
        List<TagRange> handed;
        lock.lock();
        try {
            recovering = true;
            interrupted = false;
            recoveries++;
            handed = unsettled();
            consumers.values().forEach(consumer -> consumer.inbox().clear());
        } finally {
            lock.unlock();
        }
        RecoverReply reply = new RecoverReply();
        try {
            before.run();
            connection.line().request(new Recover(sessionId, handed), reply);
        } catch (JMSException e) {
            reply.failed(e);
        }
        try {
            reply.await(connection.options().requestTimeout());
        } catch (JMSException e) {
            if (e.getCause() instanceof TimeoutException) {
                connection.line().fail(e); // Else the session would wait for the answer in silence.
            }
            throw e;
        }
    }

    /** Ends the recovery exactly between the deliveries of before and those of after. */
    private final class RecoverReply extends Link.Waiter {
        @Override
        void arrived() {
            lock.lock();
            try {
                recovering = false;
                for (PolyMQConsumer consumer : consumers.values()) {
                    consumer.inbox().settle();
                }
                forgetClosed();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Hands nothing more over and waits for the listener that runs; false if that was done before. */
    boolean beginClose() {
        lock.lock();
        try {
            if (closing) {
                return false;
            }
            closing = true;
            loop.end();
            loop.awaitIdle();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Returns what is not settled, and closes the session at the broker. */
    void endClose() throws JMSException {
        List<TagRange> lazy = mode == Session.DUPS_OK_ACKNOWLEDGE ? unsettled() : List.of();
        List<TagRange> handed;
        List<PolyMQConsumer> all;
        lock.lock();
        try {
            handed = unsettled();
            all = List.copyOf(consumers.values());
            consumers.clear();
        } finally {
            lock.unlock();
        }
        all.forEach(connection::remove);
        if (!lazy.isEmpty()) {
            connection.requestUnlessLost(new Settle(sessionId, Outcome.ACCEPTED, lazy));
        }
        connection.requestUnlessLost(new CloseSession(sessionId, handed));
    }
}
