/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.live.LiveSubscriber;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;

/**
 * A subscription that lives as long as its one consumer: what is published meanwhile, with the same flight and return
 * rules as a durable one and nothing in the log. A consumer that is slow costs 8 bytes of memory per waiting message:
 * its messages are read back from the log.
 *
 * <p>Confined to the consumer's lane, but {@link #poll} may be called from any thread.
 */
public final class TransientSubscription implements Consumer, LiveSubscriber {
    private static final int KEPT_IN_MEMORY = 1_000;
    private static final int BATCH = 256;

    private final MessageReader reader;
    private final LiveRouter router;
    private final String filter;
    private final ConsumerOptions options;
    private final Listener listener;
    private final Deque<StoredMessage> newest = new ArrayDeque<>();
    private final PositionQueue waiting = new PositionQueue();
    private final TreeMap<Long, Delivery> returned = new TreeMap<>();
    private final Set<Delivery> inFlight = new LinkedHashSet<>();
    private long messages;
    private boolean closed;

    private TransientSubscription(
            MessageReader reader, LiveRouter router, String filter, ConsumerOptions options, Listener listener) {
        this.reader = reader;
        this.router = router;
        this.filter = filter;
        this.options = options;
        this.listener = listener;
    }

    /** Subscribes; what is stored after this returns is delivered. Call it on the consumer's lane. */
    public static TransientSubscription open(
            MessageReader reader, LiveRouter router, String filter, ConsumerOptions options, Listener listener) {
        TransientSubscription subscription = new TransientSubscription(reader, router, filter, options, listener);
        router.subscribe(filter, subscription, filter);
        return subscription;
    }

    @Override
    public Lane lane() {
        return options.lane();
    }

    @Override
    public boolean needsStored() {
        return true;
    }

    @Override
    public void deliver(LiveMessage message, List<Object> tags) {
        StoredMessage stored = message.stored();
        if (closed
                || stored == null
                || (options.wanted() != null && !options.wanted().test(stored))) {
            return;
        }
        if (waiting.isEmpty() && newest.size() < KEPT_IN_MEMORY) {
            newest.add(stored);
        } else {
            waiting.add(stored.position());
        }
        pump();
    }

    private void pump() {
        while (messages > 0 && !closed) {
            List<Delivery> batch = new ArrayList<>();
            while (messages > 0 && batch.size() < BATCH) {
                Delivery next = next();
                if (next == null) {
                    break;
                }
                messages--;
                inFlight.add(next);
                batch.add(next);
            }
            if (batch.isEmpty()) {
                return;
            }
            listener.delivered(batch);
        }
    }

    private @Nullable Delivery next() {
        if (!returned.isEmpty()) {
            return returned.pollFirstEntry().getValue();
        }
        StoredMessage message = newest.poll();
        if (message != null) {
            return Delivery.ofTransient(reader, message.position(), message);
        }
        return waiting.isEmpty() ? null : Delivery.ofTransient(reader, waiting.take(), null);
    }

    @Override
    public void credit(int moreMessages, long moreBytes) {
        messages += moreMessages;
        pump();
    }

    @Override
    public void accept(Collection<Delivery> deliveries, boolean wait, Reply<Done> reply) {
        inFlight.removeAll(deliveries);
        reply.ok(Done.DONE);
    }

    @Override
    public Settlement settle(Collection<Delivery> deliveries) {
        List<Delivery> taken = new ArrayList<>(deliveries);
        taken.removeIf(delivery -> !inFlight.remove(delivery));
        return new Settlement(List.of(), () -> {}, () -> inFlight.addAll(taken));
    }

    @Override
    public void release(Collection<Delivery> deliveries, boolean counted) {
        for (Delivery delivery : deliveries) {
            if (inFlight.remove(delivery)) {
                returned.put(delivery.position(), delivery.again(counted));
            }
        }
        pump();
    }

    @Override
    public void poll(Runnable done) {
        lane().execute(() -> {
            pump();
            done.run();
        });
    }

    @Override
    public void stop(Collection<Delivery> unseen) {
        closed = true;
        router.unsubscribe(filter, this, filter);
        newest.clear();
        waiting.clear();
        returned.clear();
        inFlight.removeAll(unseen);
    }

    @Override
    public void close(boolean counted) {
        stop(List.copyOf(inFlight));
    }
}
