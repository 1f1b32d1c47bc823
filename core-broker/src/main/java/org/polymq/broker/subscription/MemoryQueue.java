/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.message.StoredMessage;

/**
 * Messages that live in memory only, and the consumers that compete for them: a temporary queue, or what one consumer
 * of a temporary topic has before it. Safe from any thread; consumers are called on their lanes.
 */
final class MemoryQueue {
    private static final int BATCH = 256;

    private final LongConsumer freed;
    /** By place. */
    private final TreeMap<Long, Delivery> waiting = new TreeMap<>();

    private final List<MemoryConsumer> consumers = new ArrayList<>();
    private long last;
    private int turn;
    private boolean ended;
    private @Nullable Runnable left;

    /** @param freed told the bytes of each message that is gone */
    MemoryQueue(LongConsumer freed) {
        this.freed = freed;
    }

    /** It is of one consumer only and ends with it, after this was run. Before {@link #attach}. */
    void whenLeft(Runnable task) {
        left = task;
    }

    /** Adds a message; its bytes are counted until they are freed. False if the queue has ended. */
    boolean add(StoredMessage message) {
        synchronized (this) {
            if (ended) {
                return false;
            }
            last++;
            Delivery delivery = Delivery.inMemory(message, last);
            waiting.put(place(delivery), delivery);
        }
        pump();
        return true;
    }

    Consumer attach(ConsumerOptions options, Consumer.Listener listener) {
        MemoryConsumer consumer = new MemoryConsumer(options, listener);
        synchronized (this) {
            consumers.add(consumer);
        }
        return consumer;
    }

    /** Looks at what nobody is done with, what consumers have in flight included. */
    synchronized Consumer browse(Lane lane, @Nullable Filter filter, Consumer.Listener listener) {
        dropExpired();
        NavigableMap<Long, Delivery> found = new TreeMap<>(waiting);
        consumers.forEach(consumer -> consumer.inFlight.forEach(delivery -> found.put(place(delivery), delivery)));
        found.values().removeIf(delivery -> !matches(filter, delivery));
        return new MemoryBrowser(lane, listener, found.values());
    }

    synchronized boolean hasConsumers() {
        return !consumers.isEmpty();
    }

    /** Higher priorities first, then as they came. */
    private static long place(Delivery delivery) {
        return PriorityLanes.rank(PriorityLanes.flags(0, delivery.message().priority()), delivery.position());
    }

    private static boolean matches(@Nullable Filter filter, Delivery delivery) {
        return filter == null || filter.matches(delivery.message());
    }

    /** Everything in it is forgotten; consumers are told. */
    void end() {
        List<MemoryConsumer> told;
        synchronized (this) {
            ended = true;
            waiting.values().forEach(this::free);
            waiting.clear();
            told = List.copyOf(consumers);
            consumers.clear();
            told.forEach(consumer -> {
                consumer.inFlight.forEach(this::free);
                consumer.inFlight.clear();
            });
        }
        told.forEach(consumer -> consumer.lane().execute(consumer.listener::ended));
    }

    private void free(Delivery delivery) {
        freed.accept(delivery.size());
    }

    private void pump() {
        boolean more = true;
        while (more) {
            synchronized (this) {
                more = handOut();
            }
        }
    }

    /** One turn of all consumers; whether any of them took something. */
    private boolean handOut() {
        dropExpired();
        boolean any = false;
        for (int i = consumers.size(); i > 0 && !waiting.isEmpty(); i--) {
            turn = (turn + 1) % consumers.size();
            MemoryConsumer consumer = consumers.get(turn);
            List<Delivery> batch = consumer.fill(consumers.size() == 1 ? BATCH : 1);
            if (!batch.isEmpty()) {
                any = true;
                consumer.lane().execute(() -> consumer.listener.delivered(batch));
            }
        }
        return any;
    }

    private void dropExpired() {
        long now = System.currentTimeMillis();
        waiting.values().removeIf(delivery -> {
            boolean over = delivery.expiresAt() != 0 && delivery.expiresAt() <= now;
            if (over) {
                free(delivery);
            }
            return over;
        });
    }

    private final class MemoryConsumer implements Consumer {
        private final ConsumerOptions options;
        private final Listener listener;
        private final Set<Delivery> inFlight = new LinkedHashSet<>();
        private long messages;
        private long bytes;

        MemoryConsumer(ConsumerOptions options, Listener listener) {
            this.options = options;
            this.listener = listener;
        }

        Lane lane() {
            return options.lane();
        }

        /** Takes what this consumer may have next. Under the monitor. */
        private List<Delivery> fill(int max) {
            List<Delivery> batch = new ArrayList<>();
            Iterator<Delivery> all = waiting.values().iterator();
            while (messages > 0 && bytes > 0 && batch.size() < max && all.hasNext()) {
                Delivery delivery = all.next();
                if (options.wanted() != null && !options.wanted().test(delivery.message())) {
                    all.remove();
                    free(delivery);
                } else if (matches(options.filter(), delivery)) {
                    all.remove();
                    messages--;
                    bytes -= delivery.size();
                    inFlight.add(delivery);
                    batch.add(delivery);
                }
            }
            return batch;
        }

        private List<Delivery> remove(Collection<Delivery> deliveries) {
            synchronized (MemoryQueue.this) {
                List<Delivery> removed = new ArrayList<>(deliveries);
                removed.removeIf(delivery -> !inFlight.remove(delivery));
                return removed;
            }
        }

        @Override
        public void credit(int moreMessages, long moreBytes) {
            synchronized (MemoryQueue.this) {
                messages += moreMessages;
                bytes += moreBytes;
            }
            pump();
        }

        @Override
        public void accept(Collection<Delivery> deliveries, boolean wait, Reply<Done> reply) {
            remove(deliveries).forEach(MemoryQueue.this::free);
            reply.ok(Done.DONE);
        }

        @Override
        public Settlement settle(Collection<Delivery> deliveries) {
            List<Delivery> taken = remove(deliveries);
            return new Settlement(List.of(), () -> taken.forEach(MemoryQueue.this::free), () -> restore(taken));
        }

        private void restore(Collection<Delivery> deliveries) {
            synchronized (MemoryQueue.this) {
                if (consumers.contains(this)) {
                    inFlight.addAll(deliveries);
                    return;
                }
            }
            giveBack(deliveries, true);
        }

        @Override
        public void release(Collection<Delivery> deliveries, boolean counted) {
            giveBack(remove(deliveries), counted);
        }

        private void giveBack(Collection<Delivery> deliveries, boolean counted) {
            synchronized (MemoryQueue.this) {
                for (Delivery delivery : deliveries) {
                    if (ended) {
                        free(delivery);
                    } else {
                        waiting.put(place(delivery), delivery.again(counted));
                    }
                }
            }
            pump();
        }

        @Override
        public void poll(Runnable done) {
            pump();
            lane().execute(done);
        }

        @Override
        public void stop(Collection<Delivery> unseen) {
            leave();
            release(unseen, false);
        }

        /** What is in flight stays so; with a topic's consumer goes what waits for it. */
        private void leave() {
            synchronized (MemoryQueue.this) {
                consumers.remove(this);
                turn = 0;
                if (left == null) {
                    return;
                }
                left.run();
                ended = true;
                waiting.values().forEach(MemoryQueue.this::free);
                waiting.clear();
            }
        }

        @Override
        public void close(boolean counted) {
            leave();
            List<Delivery> all;
            synchronized (MemoryQueue.this) {
                all = List.copyOf(inFlight);
            }
            release(all, counted);
        }
    }
}
