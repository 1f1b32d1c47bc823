/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.QueueWatches;
import org.polymq.broker.topic.Topic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the messages of one delay level to their topics when they are due: the oldest is always due first. How far it
 * is is a committed offset, so that after a crash at most the last moments are moved twice.
 *
 * <p>Confined to its executor, except {@link #appended}.
 */
final class DelayQueue implements QueueWatches.Watcher {
    private static final Logger log = LoggerFactory.getLogger(DelayQueue.class);
    /** The group whose offsets say what has been moved. */
    static final String GROUP = "CID_RMQ_SYS_DELAY";

    private static final int MOST_AT_ONCE = 64;
    private static final long RETRY_MILLIS = 1_000;

    private final Broker broker;
    private final NativeTopicNames names;
    private final NativeEncoder encoder;
    private final InstantSource clock;
    private final EventExecutor executor;
    private final Lane lane;
    private final long queue;
    private final AtomicBoolean woken = new AtomicBoolean();

    private long offset;
    private boolean busy;
    /** The next look, if one is planned, and when it is, by {@link System#nanoTime}. */
    private @Nullable Future<?> nextLook;

    private long nextLookAt;

    DelayQueue(
            Broker broker,
            NativeTopicNames names,
            NativeEncoder encoder,
            InstantSource clock,
            EventExecutor executor,
            long queue) {
        this.broker = broker;
        this.names = names;
        this.encoder = encoder;
        this.clock = clock;
        this.executor = executor;
        this.lane = Lanes.of(executor);
        this.queue = queue;
    }

    /** Begins where it was left. The group has to be there. */
    void start() {
        executor.execute(() -> {
            offset = Math.max(
                    broker.groups().offset(GROUP, queue), broker.queues().start(queue));
            broker.queues().watch(queue, this);
            move();
        });
    }

    /** On the appending thread. */
    @Override
    public void appended() {
        if (woken.compareAndSet(false, true)) {
            executor.execute(this::move);
        }
    }

    private void move() {
        woken.set(false);
        if (busy) {
            return;
        }
        try {
            Due due = due();
            if (!due.records.isEmpty()) {
                busy = true;
                broker.publisher()
                        .publishEncoded(due.records, false, lane, Reply.of(stored -> moved(due), this::notMoved));
            } else if (due.end > offset) {
                moved(due); // nothing but messages whose topics are gone
            } else if (due.waitMillis > 0) {
                later(due.waitMillis);
            }
        } catch (BrokerException e) {
            notMoved(e);
        }
    }

    /** What can be moved now: records for the offsets below {@code end}, or how long to wait for the first. */
    private static final class Due {
        final List<ByteBuffer> records = new ArrayList<>();
        long end;
        long waitMillis;
    }

    private Due due() {
        Due due = new Due();
        due.end = offset;
        long now = clock.millis();
        broker.queues().visit(queue, offset, MOST_AT_ONCE, (at, position, size, tagHash, expiresAt) -> {
            StoredMessage staged = read(position, at);
            if (staged != null && staged.deliverAt() > now) {
                due.waitMillis = staged.deliverAt() - now;
                return false;
            }
            ByteBuffer record = staged == null ? null : record(staged);
            if (record != null) {
                due.records.add(record);
            }
            due.end = at + 1;
            return true;
        });
        return due;
    }

    /** A message that is damaged is lost and must not hold up those behind it: null. */
    private @Nullable StoredMessage read(long position, long at) {
        try {
            return new StoredMessage(broker.queues().record(position), position, at);
        } catch (BrokerException e) {
            if (e.reason() != Reason.UNAVAILABLE) {
                throw e;
            }
            log.error("a delayed message is lost: {}", e.getMessage());
            return null;
        }
    }

    private @Nullable ByteBuffer record(StoredMessage staged) {
        Message message = staged.toNativeMessage();
        String properties = staged.propertiesForNative();
        String target = NativeProperties.get(properties, DelayedMessages.REAL_TOPIC);
        String targetQueue = NativeProperties.get(properties, DelayedMessages.REAL_QUEUE);
        if (target == null || targetQueue == null) {
            log.warn("the delayed message at log position {} does not say where it goes", staged.position());
            return null;
        }
        NativeTopicNames.Name name = names.of(target);
        Topic topic = broker.topics().get(name.topic());
        int queueId = queueOf(targetQueue);
        if (topic == null || queueId < 0 || queueId >= topic.queues()) {
            log.warn("a delayed message is dropped: topic {} has no queue {} any more", target, targetQueue);
            return null;
        }
        for (String own : DelayedMessages.ownProperties()) {
            properties = NativeProperties.without(properties, own);
        }
        return new Restored(message, properties, message.reconsumeTimes()).encode(encoder, topic, name, queueId, 0);
    }

    private static int queueOf(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1; // written by another program into the staging topic
        }
    }

    private void moved(Due due) {
        busy = false;
        offset = due.end;
        broker.groups().commit(GROUP, queue, offset);
        move();
    }

    private void notMoved(BrokerException cause) {
        busy = false;
        if (cause.reason() == Reason.CLOSED) {
            return;
        }
        log.warn("delayed messages wait longer: {}", cause.getMessage());
        later(RETRY_MILLIS);
    }

    /** Looks again after so long, or earlier if that is planned already: there is one timer, however much waits. */
    private void later(long millis) {
        if (executor.isShuttingDown()) {
            return;
        }
        long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        Future<?> planned = nextLook;
        if (planned != null && !planned.isDone()) {
            if (nextLookAt - at <= 0) {
                return;
            }
            planned.cancel(false);
        }
        nextLookAt = at;
        nextLook = executor.schedule(this::look, millis, TimeUnit.MILLISECONDS);
    }

    private void look() {
        nextLook = null;
        move();
    }
}
