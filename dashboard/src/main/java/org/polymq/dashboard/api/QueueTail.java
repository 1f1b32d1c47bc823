/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.QueueWatches;
import org.polymq.broker.topic.Topic;

/**
 * Messages of a queue as they are stored; its consumers do not notice. Confined to the connection's lane, but for the
 * wake-ups.
 */
final class QueueTail implements ReceiveRoutes.Watched, QueueWatches.Watcher {
    private static final int BATCH = 256;

    private final Broker broker;
    private final Topic queue;
    private final MessageTail tail;
    /** By key of the queue's parts: the offset of the next message to show. */
    private final Map<Long, Long> next = new HashMap<>();

    private final AtomicBoolean woken = new AtomicBoolean();

    QueueTail(Broker broker, Topic queue, MessageTail tail) {
        this.broker = broker;
        this.queue = queue;
        this.tail = tail;
    }

    @Override
    public void open() {
        for (int part = 0; part < queue.queues(); part++) {
            long key = queue.queueKey(part);
            broker.queues().watch(key, this);
            next.put(key, broker.queues().end(key));
        }
    }

    @Override
    public void close() {
        next.keySet().forEach(key -> broker.queues().unwatch(key, this));
        next.clear();
    }

    @Override
    public void appended() {
        if (woken.compareAndSet(false, true)) {
            tail.lane().execute(this::look);
        }
    }

    private void look() {
        woken.set(false);
        boolean more = false;
        for (Map.Entry<Long, Long> part : next.entrySet()) {
            more |= look(part);
        }
        if (more) {
            appended();
        }
    }

    /** Whether there is more. */
    private boolean look(Map.Entry<Long, Long> part) {
        long key = part.getKey();
        long end = broker.queues().end(key);
        long from = Math.max(part.getValue(), broker.queues().start(key));
        if (from >= end) {
            return false;
        }
        long[] behind = {from};
        int seen = broker.queues().visit(key, from, BATCH, (offset, position, size, tagHash, expiresAt) -> {
            behind[0] = offset + 1;
            show(offset, position);
            return true;
        });
        part.setValue(seen == 0 ? end : behind[0]);
        return part.getValue() < end;
    }

    private void show(long offset, long position) {
        if (!tail.takes()) {
            return;
        }
        try {
            StoredMessage stored = broker.messages().read(position);
            tail.show("$queue/" + queue.name(), stored.toHeaders(), stored, offset);
        } catch (BrokerException gone) {
            tail.missed();
        }
    }
}
