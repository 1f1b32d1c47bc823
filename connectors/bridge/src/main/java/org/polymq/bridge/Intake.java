/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.Settlement;

/**
 * Messages that were taken out of the log and are not sent yet: never more than a window of them. What is not
 * acknowledged when it is closed is handed out again, in its old place.
 *
 * <p>Filled by the bridge's lane, used by its link's thread.
 */
final class Intake implements Consumer.Listener, AutoCloseable {
    private static final long LOOK_MILLIS = 500;

    /** Bounded by the credit that is given. */
    private final BlockingQueue<Delivery> waiting = new LinkedBlockingQueue<>();

    private final int messages;
    private final long bytes;
    private @Nullable Consumer consumer;
    private volatile @Nullable BrokerException failure;

    Intake(int messages, long bytes) {
        this.messages = messages;
        this.bytes = bytes;
    }

    void begin(Consumer attached) {
        consumer = attached;
        attached.credit(messages, bytes);
    }

    @Override
    public void delivered(List<Delivery> batch) {
        waiting.addAll(batch);
    }

    @Override
    public void ended() {
        failure = new BrokerException(Reason.SUBSCRIPTION_NOT_FOUND, "the bridge's subscription was deleted");
    }

    /**
     * Waits for messages; the batch has at least one.
     *
     * @throws BrokerException if no more can come
     */
    List<Delivery> next(int most, long mostBytes) throws InterruptedException {
        Delivery first = null;
        while (first == null) {
            BrokerException broken = failure;
            if (broken != null) {
                throw broken;
            }
            first = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        List<Delivery> batch = new ArrayList<>();
        batch.add(first);
        long size = first.size();
        while (batch.size() < most) {
            Delivery next = waiting.peek();
            if (next == null || size + next.size() > mostBytes) {
                break;
            }
            batch.add(waiting.remove());
            size += next.size();
        }
        return batch;
    }

    /** The messages are done with: others may take their place. */
    void accept(Collection<Delivery> done) {
        if (done.isEmpty()) {
            return;
        }
        // With a record at once: a crash sends again only what was under way.
        attached().accept(done, true, Reply.of(stored -> {}, refused -> failure = refused));
        makeRoom(done);
    }

    /** Takes a message out of flight, to be acknowledged by the entry that moves it elsewhere. */
    Settlement settle(Delivery delivery) {
        Settlement settlement = attached().settle(List.of(delivery));
        makeRoom(List.of(delivery));
        return settlement;
    }

    private void makeRoom(Collection<Delivery> done) {
        attached().credit(done.size(), done.stream().mapToLong(Delivery::size).sum());
    }

    private Consumer attached() {
        return Objects.requireNonNull(consumer, "begun");
    }

    @Override
    public void close() {
        attached().close(false);
    }
}
