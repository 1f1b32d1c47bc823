/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.Pull;
import org.polymq.jms.wire.Frame.TagRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A consumer of the classic API, of any of its kinds. Its state is guarded by its session's lock. */
final class PolyMQConsumer implements QueueReceiver, TopicSubscriber {
    private static final Logger LOG = LoggerFactory.getLogger(PolyMQConsumer.class);

    /** In DUPS_OK mode this many messages are acknowledged together. */
    private static final int LAZY_BATCH = 64;

    /** How long a listener that failed pauses before its message comes again, ms; doubled each time. */
    private static final long FIRST_PAUSE = 10;

    private static final long MAX_PAUSE = 1_000;

    private final PolyMQSession session;
    private final Deliveries deliveries;
    private final PolyMQDestination destination;
    private final OpenConsumer opened;
    private final Inbox inbox;
    /** Known to the broker: to be opened again after a break. */
    private volatile boolean known;

    private boolean flowing;
    private @Nullable MessageListener listener;
    private @Nullable JMSException failure;
    private volatile boolean closed;

    PolyMQConsumer(PolyMQSession session, PolyMQDestination destination, OpenConsumer opened) {
        this.session = session;
        this.deliveries = session.deliveries();
        this.destination = destination;
        this.opened = opened;
        ClientOptions options = session.connection().options();
        this.inbox = new Inbox(
                opened.consumerId(), options.prefetch(), options.prefetchBytes(), opened.kind() == ConsumerKind.QUEUE);
    }

    int id() {
        return opened.consumerId();
    }

    Inbox inbox() {
        return inbox;
    }

    boolean isClosed() {
        return closed;
    }

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the consumer is closed");
        }
        session.checkOpen();
    }

    /** The broker has opened it. */
    void opened() {
        known = true;
    }

    /** Lets the broker send. A topic's consumer misses what it does not take, so it takes before the start too. */
    void started() throws JMSException {
        Flow flow;
        deliveries.lock().lock();
        try {
            boolean wanted = isRunning() || opened.kind() == ConsumerKind.TOPIC;
            if (flowing || closed || !wanted) {
                return;
            }
            flowing = true;
            flow = inbox.flow(window());
        } finally {
            deliveries.lock().unlock();
        }
        session.connection().line().tellNow(flow);
    }

    /**
     * Opens it again on a new network connection. Nothing is sent to it before {@link #flowAgain}: what the application
     * is handed it may acknowledge at once.
     *
     * @throws JMSException to try once more with another one; a refusal is the consumer's alone
     */
    void resume(Link link) throws JMSException {
        OpenConsumer again;
        deliveries.lock().lock();
        try {
            if (!known || closed || failure != null) {
                return;
            }
            again = new OpenConsumer(
                    opened.sessionId(),
                    opened.consumerId(),
                    opened.kind(),
                    opened.destination(),
                    opened.subscription(),
                    opened.selector(),
                    opened.noLocal(),
                    inbox.lastTag());
        } finally {
            deliveries.lock().unlock();
        }
        try {
            link.request(again);
        } catch (JMSException e) {
            if (e.getErrorCode() == null || e instanceof BrokenException || e instanceof ResourceAllocationException) {
                throw e;
            }
            session.connection().refused(this, e);
        }
    }

    /** What the broker may send, said again; null before it may send anything. */
    @Nullable
    Flow flowAgain() {
        deliveries.lock().lock();
        try {
            return flowing && !closed && failure == null ? inbox.flowAgain() : null;
        } finally {
            deliveries.lock().unlock();
        }
    }

    /** Closes it at the broker again: it was opened there while it was closed here. */
    void closeAgain() throws JMSException {
        session.connection().requestUnlessLost(new CloseConsumer(id(), List.of()));
    }

    /** With prefetch 0 a listener still has to be sent one message at a time. */
    private int window() {
        return listener != null ? Math.max(1, inbox.window()) : inbox.window();
    }

    // ---- on the event loop

    void delivered(Deliver delivery) {
        deliveries.lock().lock();
        try {
            if (!closed && !deliveries.isRecovering()) {
                inbox.add(delivery, deliveries.nextArrival());
                deliveries.changed().signalAll();
            }
        } finally {
            deliveries.lock().unlock();
        }
    }

    void failed(JMSException reason) {
        deliveries.lock().lock();
        try {
            failure = reason;
            deliveries.changed().signalAll();
        } finally {
            deliveries.lock().unlock();
        }
    }

    // ---- receive

    @Override
    public @Nullable Message receive() throws JMSException {
        return receive(Long.MAX_VALUE, Taking.ANY);
    }

    @Override
    public @Nullable Message receive(long timeout) throws JMSException {
        return receive(timeout <= 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeout), Taking.ANY);
    }

    @Override
    public @Nullable Message receiveNoWait() throws JMSException {
        return receive(0, Taking.ANY);
    }

    /** Looks at a message before it counts as handed over; throws to leave it where it is. */
    interface Taking {
        Taking ANY = message -> {};

        void check(PolyMQMessage message) throws JMSException;
    }

    /**
     * Waits for a message.
     *
     * @param nanos how long; {@link Long#MAX_VALUE} is for ever, 0 is what the broker has now
     */
    @Nullable
    PolyMQMessage receive(long nanos, Taking taking) throws JMSException {
        checkOpen();
        askForOne();
        boolean asked = false;
        long left = nanos;
        while (true) {
            Deliver delivery;
            deliveries.lock().lock();
            try {
                if (listener != null) {
                    throw new IllegalStateException("a consumer with a message listener cannot receive");
                }
                delivery = pollWhenStarted();
                while (delivery == null && left > 0 && !isDone()) {
                    left = await(left);
                    delivery = pollWhenStarted();
                }
                if (delivery == null && (isDone() || asked || !isRunning())) {
                    return endOrFailure();
                }
            } finally {
                deliveries.lock().unlock();
            }
            if (delivery == null) {
                try {
                    askForAllThereIs();
                } catch (JMSException e) {
                    if (closed || deliveries.isClosing()) {
                        return null;
                    }
                    throw e;
                }
                asked = true;
            } else {
                PolyMQMessage message = handOver(delivery, taking);
                if (message != null) {
                    return message;
                }
                askForOne();
            }
        }
    }

    boolean isBrowser() {
        return opened.kind() == ConsumerKind.BROWSER;
    }

    /** A stopped connection hands nothing over, but may be looked at. */
    private boolean isRunning() {
        return isBrowser() || session.connection().isStarted();
    }

    private boolean isDone() {
        return closed || deliveries.isClosing() || failure != null;
    }

    private @Nullable PolyMQMessage endOrFailure() throws JMSException {
        if (failure != null && !closed && !deliveries.isClosing()) {
            throw Errors.again(failure);
        }
        return null;
    }

    private @Nullable Deliver pollWhenStarted() {
        return isRunning() && !isDone() ? inbox.poll() : null;
    }

    /** One wait; the caller looks again. */
    @SuppressWarnings("WaitNotInLoop") // The loop is the caller's.
    private long await(long nanos) throws JMSException {
        try {
            if (nanos == Long.MAX_VALUE) {
                deliveries.changed().await();
                return nanos;
            }
            return deliveries.changed().awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.chained("interrupted", e);
        }
    }

    /** Without prefetch each receive asks for its message. */
    private void askForOne() throws JMSException {
        Flow flow = null;
        deliveries.lock().lock();
        try {
            if (inbox.window() == 0 && inbox.isEmpty() && isRunning()) {
                flowing = true;
                flow = inbox.flow(1);
            }
        } finally {
            deliveries.lock().unlock();
        }
        if (flow != null) {
            session.connection().line().tellNow(flow);
        }
    }

    /** One round trip, after which the inbox has what the broker had; without prefetch it sends no more after it. */
    private void askForAllThereIs() throws JMSException {
        session.connection().line().request(new Pull(id()));
        if (inbox.window() == 0) {
            Flow none;
            deliveries.lock().lock();
            try {
                none = inbox.flow(0);
            } finally {
                deliveries.lock().unlock();
            }
            session.connection().line().tellNow(none);
            session.connection().line().request(new Pull(id()));
        }
    }

    /** The message of a delivery just polled, acknowledged as the mode wants; null if it has expired. */
    private @Nullable PolyMQMessage handOver(Deliver delivery, Taking taking) throws JMSException {
        boolean expired = isExpired(delivery);
        PolyMQMessage message = null;
        if (!expired) {
            message = messageOf(delivery);
            checkTaking(delivery, taking, message);
        }
        Flow flow;
        List<TagRange> due;
        deliveries.lock().lock();
        try {
            flow = inbox.flowDue();
            due = expired && !isBrowser() ? List.of() : settleDue();
        } finally {
            deliveries.lock().unlock();
        }
        if (flow != null) {
            session.connection().line().tellNow(flow);
        }
        if (expired) {
            if (!isBrowser()) {
                deliveries.expired(tagOf(delivery));
            }
        } else if (session.acknowledging() == Session.AUTO_ACKNOWLEDGE && !due.isEmpty()) {
            deliveries.settleAndWait(due);
        } else {
            deliveries.settle(due);
        }
        return message;
    }

    private void checkTaking(Deliver delivery, Taking taking, PolyMQMessage message) throws JMSException {
        try {
            taking.check(message);
        } catch (JMSException e) {
            // Jakarta Messaging 3.1, receiveBody: in these modes the message stays to be received.
            if (session.acknowledging() == Session.AUTO_ACKNOWLEDGE
                    || session.acknowledging() == Session.DUPS_OK_ACKNOWLEDGE) {
                deliveries.lock().lock();
                try {
                    inbox.putBack(delivery);
                } finally {
                    deliveries.lock().unlock();
                }
            }
            throw e;
        }
    }

    private static boolean isExpired(Deliver delivery) {
        long expiration = delivery.message().expiration();
        return expiration != 0 && System.currentTimeMillis() >= expiration;
    }

    private TagRange tagOf(Deliver delivery) {
        return new TagRange(id(), delivery.tag(), delivery.tag());
    }

    private PolyMQMessage messageOf(Deliver delivery) throws JMSException {
        PolyMQMessage message =
                Messages.received(delivery, session.connection().options().trusted());
        message.acknowledger(session::acknowledge);
        return message;
    }

    /** What to acknowledge now that one more was consumed. Under the lock. */
    private List<TagRange> settleDue() {
        if (isBrowser()) {
            inbox.settle();
            return List.of();
        }
        if (session.acknowledging() == Session.AUTO_ACKNOWLEDGE
                || (session.acknowledging() == Session.DUPS_OK_ACKNOWLEDGE
                        && (inbox.isEmpty() || inbox.unsettledCount() >= LAZY_BATCH))) {
            List<TagRange> due = inbox.unsettled();
            inbox.settle();
            return due;
        }
        return List.of();
    }

    // ---- listener

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        checkOpen();
        deliveries.lock().lock();
        try {
            return listener;
        } finally {
            deliveries.lock().unlock();
        }
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        checkOpen();
        Flow flow = null;
        deliveries.lock().lock();
        try {
            this.listener = listener;
            if (listener != null) {
                deliveries.needLoop();
                deliveries.changed().signalAll();
                if (inbox.window() == 0 && flowing) {
                    flow = inbox.flow(1);
                }
            }
        } finally {
            deliveries.lock().unlock();
        }
        if (flow != null) {
            session.connection().line().tellNow(flow);
        }
    }

    /** Under the lock. */
    boolean isReadyToListen() {
        return listener != null && !closed && !inbox.isEmpty();
    }

    /** Takes the next delivery for the listener. Under the lock. */
    @Nullable
    Runnable nextCall() {
        Deliver delivery = inbox.poll();
        MessageListener target = listener;
        if (delivery == null || target == null) {
            return null;
        }
        long recoveries = deliveries.recoveries();
        return () -> call(target, delivery, recoveries);
    }

    private void call(MessageListener target, Deliver delivery, long recoveries) {
        try {
            if (isExpired(delivery)) {
                deliveries.expired(tagOf(delivery));
            } else if (!listen(target, messageOf(delivery)) && isAcknowledgedByItself()) {
                pauseAfterFailure(delivery.count());
                deliveries.recover();
                return;
            }
            afterCall(recoveries);
        } catch (JMSException e) {
            LOG.warn("a message could not be acknowledged and will be delivered again: {}", e.getMessage());
        }
    }

    /** A message that always fails must not keep the processor busy; a close ends the pause. */
    private void pauseAfterFailure(int count) {
        long left = TimeUnit.MILLISECONDS.toNanos(Math.min(MAX_PAUSE, FIRST_PAUSE << Math.min(count - 1, 10)));
        deliveries.lock().lock();
        try {
            while (left > 0 && !isDone()) {
                left = deliveries.changed().awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            deliveries.lock().unlock();
        }
    }

    private boolean isAcknowledgedByItself() {
        return session.acknowledging() == Session.AUTO_ACKNOWLEDGE
                || session.acknowledging() == Session.DUPS_OK_ACKNOWLEDGE;
    }

    private static boolean listen(MessageListener target, PolyMQMessage message) {
        try {
            target.onMessage(message);
            return true;
        } catch (RuntimeException | Error e) {
            LOG.warn("a message listener failed", e);
            return false;
        }
    }

    private void afterCall(long recoveries) throws JMSException {
        List<TagRange> due = List.of();
        Flow flow;
        deliveries.lock().lock();
        try {
            if (deliveries.recoveries() == recoveries) {
                due = settleDue();
            }
            flow = closed ? null : inbox.window() == 0 ? inbox.flow(1) : inbox.flowDue();
            if (closed && !due.isEmpty()) {
                deliveries.forget(this);
            }
        } finally {
            deliveries.lock().unlock();
        }
        deliveries.settle(due);
        if (flow != null) {
            session.connection().line().tellNow(flow);
        }
    }

    // ---- the rest

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        checkOpen();
        return opened.selector();
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) destination;
    }

    @Override
    public Topic getTopic() throws JMSException {
        checkOpen();
        return (Topic) destination;
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        checkOpen();
        return opened.noLocal();
    }

    @Override
    public void close() throws JMSException {
        CloseConsumer frame;
        List<TagRange> lazy = List.of();
        ReentrantLock lock = deliveries.lock();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            deliveries.changed().signalAll();
            deliveries.awaitListener();
            frame = new CloseConsumer(id(), inbox.unsettled());
            inbox.clear();
            if (session.acknowledging() == Session.DUPS_OK_ACKNOWLEDGE && !deliveries.isListenerThread()) {
                lazy = inbox.unsettled();
                inbox.settle();
            }
            if (inbox.unsettledCount() == 0) {
                deliveries.forget(this);
            }
        } finally {
            lock.unlock();
        }
        session.connection().remove(this);
        if (!session.isClosed()
                && failure == null
                && session.connection().line().isConnected()) {
            deliveries.settle(lazy);
            session.connection().requestUnlessLost(frame);
        }
    }
}
