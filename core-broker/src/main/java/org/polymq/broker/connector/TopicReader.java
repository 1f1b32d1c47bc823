/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.security.Access;
import org.polymq.broker.state.QueueWatches;
import org.polymq.broker.topic.Topic;

/**
 * Reads topics by offset for a connector: what it has not read stays in the log, so a connector that stands still costs
 * no memory. Its positions are the offsets of a consumer group, which an operator sees and may move.
 *
 * <p>Confined to one thread, which may wait in {@link #poll}; {@link #wakeUp} may be called by any.
 */
public final class TopicReader implements AutoCloseable {
    /** How often topics and queues that came or went are looked for. */
    private static final Duration REFRESH = Duration.ofSeconds(1);

    private final ConnectorBroker broker;
    private final Access access;
    private final ConnectorCounters counters;
    private final String group;
    private final ReadOptions options;
    private final InstantSource clock;
    private final QueueWatches.Watcher watcher = this::wakeUp;
    private final Map<TopicQueue, Reading> readings = new TreeMap<>();
    private final Set<TopicQueue> paused = new TreeSet<>();
    private @Nullable TopicQueue last;
    private long refreshed;
    private volatile boolean woken;
    private volatile @Nullable Thread waiting;

    /** Where one queue is read. */
    private static final class Reading {
        private final int topicId;
        private final long key;
        private long next;
        private long committed;

        private Reading(int topicId, long key, long next) {
            this.topicId = topicId;
            this.key = key;
            this.next = next;
            this.committed = next;
        }
    }

    TopicReader(
            ConnectorBroker broker,
            Access access,
            ConnectorCounters counters,
            String group,
            ReadOptions options,
            InstantSource clock) {
        this.broker = broker;
        this.access = access;
        this.counters = counters;
        this.group = group;
        this.options = options;
        this.clock = clock;
        this.refreshed = System.nanoTime() - REFRESH.toNanos();
    }

    /**
     * Looks for the queues there are, so that from now on it is known what waits in them, whether or not they are read.
     *
     * @throws BrokerException NO_PERMISSION if the connector's user may not read a topic
     */
    public void begin() {
        refreshed = System.nanoTime() - REFRESH.toNanos();
        refresh();
    }

    /** The queues that are read now. New ones appear in {@link #poll} only. */
    public Set<TopicQueue> queues() {
        return new TreeSet<>(readings.keySet());
    }

    /**
     * The next messages in the order of each queue: those there are, or those that come within a time.
     *
     * @param max most messages, at least 1
     * @param maxBytes what they may have together; one message is handed out even if it has more
     * @throws BrokerException NO_PERMISSION if the connector's user may not read a topic
     */
    public List<ReadMessage> poll(int max, long maxBytes, Duration wait) throws InterruptedException {
        long deadline = System.nanoTime() + wait.toNanos();
        waiting = Thread.currentThread();
        try {
            while (true) {
                woken = false;
                refresh();
                List<ReadMessage> batch = read(max, maxBytes);
                long left = deadline - System.nanoTime();
                if (!batch.isEmpty() || left <= 0) {
                    return batch;
                }
                if (!woken) {
                    LockSupport.parkNanos(this, Math.min(left, REFRESH.toNanos()));
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException("reading was stopped");
                }
                if (woken && !hasMore()) {
                    return List.of();
                }
            }
        } finally {
            waiting = null;
        }
    }

    /** Ends a wait in {@link #poll}, now or the next one. */
    public void wakeUp() {
        woken = true;
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** Reads on at another offset. */
    public void seek(TopicQueue queue, long offset) {
        Reading reading = readings.get(queue);
        if (reading != null) {
            reading.next = offset;
        }
    }

    public void pause(Collection<TopicQueue> queues) {
        paused.addAll(queues);
    }

    public void resume(Collection<TopicQueue> queues) {
        paused.removeAll(new TreeSet<>(queues));
    }

    /** Says what is done: the offset to read next by queue. A crash may forget the last 100 ms of it. */
    public void commit(Map<TopicQueue, Long> offsets) {
        offsets.forEach((queue, offset) -> {
            Reading reading = readings.get(queue);
            if (reading != null) {
                reading.committed = offset;
                broker.groups().commit(group, reading.key, offset);
            }
        });
    }

    /** Messages between what is committed and the ends of the queues. */
    public long lag() {
        long lag = 0;
        for (Reading reading : readings.values()) {
            lag += Math.max(0, broker.queues().end(reading.key) - reading.committed);
        }
        return lag;
    }

    @Override
    public void close() {
        readings.values().forEach(reading -> broker.queues().unwatch(reading.key, watcher));
        readings.clear();
    }

    // ---- which queues

    private void refresh() {
        if (System.nanoTime() - refreshed < REFRESH.toNanos()) {
            return;
        }
        refreshed = System.nanoTime();
        Set<TopicQueue> found = new TreeSet<>();
        for (String name : options.topics().get()) {
            Topic topic = broker.topics().get(name);
            if (topic != null) {
                access.read(name);
                for (int number = 0; number < topic.queues(); number++) {
                    TopicQueue queue = new TopicQueue(name, number);
                    if (options.mine().test(queue)) {
                        found.add(queue);
                        follow(queue, topic);
                    }
                }
            }
        }
        readings.entrySet().removeIf(entry -> {
            boolean gone = !found.contains(entry.getKey());
            if (gone) {
                broker.queues().unwatch(entry.getValue().key, watcher);
            }
            return gone;
        });
    }

    private void follow(TopicQueue queue, Topic topic) {
        Reading reading = readings.get(queue);
        if (reading != null && reading.topicId != topic.id()) { // deleted and made again
            broker.queues().unwatch(reading.key, watcher);
            reading = null;
        }
        if (reading == null) {
            readings.put(queue, begin(topic, topic.queueKey(queue.queue())));
            return;
        }
        long committed = broker.groups().offset(group, reading.key);
        if (committed >= 0 && committed != reading.committed) { // an operator moved the group
            reading.committed = committed;
            reading.next = committed;
        }
    }

    private Reading begin(Topic topic, long key) {
        broker.groups().markRead(topic.id());
        long committed = broker.groups().offset(group, key);
        Reading reading = new Reading(
                topic.id(),
                key,
                committed >= 0
                        ? committed
                        : options.fromEnd()
                                ? broker.queues().end(key)
                                : broker.queues().start(key));
        if (committed < 0) {
            broker.groups().commit(group, key, reading.next); // so that a lag is known from now on
        }
        broker.queues().watch(key, watcher);
        return reading;
    }

    // ---- reading

    private boolean hasMore() {
        for (Map.Entry<TopicQueue, Reading> entry : readings.entrySet()) {
            Reading reading = entry.getValue();
            if (!paused.contains(entry.getKey())
                    && reading.next < broker.queues().end(reading.key)) {
                return true;
            }
        }
        return false;
    }

    /** Begins behind the queue that was read last, so that a busy one does not keep the others waiting. */
    private List<ReadMessage> read(int max, long maxBytes) {
        List<TopicQueue> order = new ArrayList<>(readings.keySet());
        int first = 0;
        TopicQueue behind = last;
        if (behind != null) {
            while (first < order.size() && order.get(first).compareTo(behind) <= 0) {
                first++;
            }
        }
        List<ReadMessage> batch = new ArrayList<>();
        long[] left = {maxBytes};
        for (int i = 0; i < order.size() && batch.size() < max && left[0] > 0; i++) {
            TopicQueue queue = order.get((first + i) % order.size());
            Reading reading = readings.get(queue);
            if (reading != null && !paused.contains(queue)) {
                read(queue, reading, max, left, batch);
                last = queue;
            }
        }
        return batch;
    }

    private record Spot(long offset, long position) {}

    private void read(TopicQueue queue, Reading reading, int max, long[] left, List<ReadMessage> batch) {
        long start = broker.queues().start(reading.key);
        if (reading.next < start) {
            counters.missed(start - reading.next);
            reading.next = start;
        }
        long end = broker.queues().end(reading.key);
        if (reading.next > end) {
            reading.next = end;
        }
        if (reading.next == end) {
            return;
        }
        List<Spot> spots = new ArrayList<>();
        long now = clock.millis();
        long[] after = {reading.next};
        broker.queues().visit(reading.key, reading.next, max - batch.size(), (offset, position, size, tag, expires) -> {
            if (left[0] <= 0) {
                return false;
            }
            after[0] = offset + 1;
            if (expires == 0 || expires > now) {
                spots.add(new Spot(offset, position));
                left[0] -= size;
            }
            return true;
        });
        for (Spot spot : spots) {
            try {
                ByteBuffer record = broker.queues().record(spot.position());
                batch.add(new ReadMessage(
                        queue, spot.offset(), new StoredMessage(record, spot.position(), spot.offset())));
            } catch (BrokerException e) {
                if (spot.offset() >= broker.queues().start(reading.key)) {
                    throw e;
                }
                counters.missed(1); // retention was faster
            }
        }
        reading.next = after[0];
    }
}
