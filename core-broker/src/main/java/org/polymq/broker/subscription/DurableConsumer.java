/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;

/**
 * A consumer of a subscription whose state is in the log. Credit and flight are guarded by the dispatcher's monitor.
 */
final class DurableConsumer implements Consumer {
    private static final int MOST_PARKED = 10_000;

    private final Dispatcher dispatcher;
    private final SubscriptionReader reader;
    private final ConsumerOptions options;
    private final Listener listener;
    private final Set<Delivery> inFlight = new LinkedHashSet<>();
    private List<Delivery> batch = new ArrayList<>();
    /** Messages of its groups that it had no credit for, by rank. */
    private final TreeMap<Long, Delivery> parked = new TreeMap<>();

    /** How many groups are its. */
    private int groups;

    private long messages;
    private long bytes;
    private boolean closed;

    DurableConsumer(Dispatcher dispatcher, SubscriptionReader reader, ConsumerOptions options, Listener listener) {
        this.dispatcher = dispatcher;
        this.reader = reader;
        this.options = options;
        this.listener = listener;
    }

    Lane lane() {
        return options.lane();
    }

    /** Where its messages are found. */
    SubscriptionReader reader() {
        return reader;
    }

    boolean exclusive() {
        return options.exclusive();
    }

    /** Whether the subscription's redelivery policy holds for it. */
    boolean limited() {
        return options.limited();
    }

    boolean hasCredit() {
        return messages > 0 && bytes > 0;
    }

    int groups() {
        return groups;
    }

    /** So many groups more, or less, are its. */
    void groups(int more) {
        groups += more;
    }

    boolean hasParked() {
        return !parked.isEmpty();
    }

    /** Keeps a message of its group until it has credit; false if there are too many. */
    boolean park(Delivery delivery) {
        if (parked.size() >= MOST_PARKED) {
            return false;
        }
        parked.put(delivery.rank(), delivery);
        return true;
    }

    /** Takes the first parked message. */
    void takeParked() {
        take(parked.pollFirstEntry().getValue());
    }

    /** Takes back everything that is parked. */
    List<Delivery> unpark() {
        List<Delivery> all = List.copyOf(parked.values());
        parked.clear();
        return all;
    }

    boolean wants(Delivery delivery) {
        if (options.wanted() == null) {
            return true;
        }
        try {
            return options.wanted().test(delivery.message());
        } catch (BrokerException unreadable) {
            // The consumer meets the same error when it opens the message, where it can be reported.
            return true;
        }
    }

    void take(Delivery delivery) {
        messages--;
        bytes -= delivery.size();
        inFlight.add(delivery);
        batch.add(delivery);
    }

    /** What was taken since the last call; under the dispatcher's monitor. */
    List<Delivery> takeBatch() {
        if (batch.isEmpty()) {
            return List.of();
        }
        List<Delivery> taken = batch;
        batch = new ArrayList<>();
        return taken;
    }

    /** Hands a batch over; called for one batch after the other. */
    void send(List<Delivery> taken) {
        DeliveryEvent event = new DeliveryEvent();
        if (event.shouldCommit()) {
            event.subscription = dispatcher.key().toString();
            event.messages = taken.size();
            event.redelivered =
                    (int) taken.stream().filter(Delivery::redelivered).count();
            event.commit();
        }
        lane().execute(() -> listener.delivered(taken));
    }

    void ended() {
        lane().execute(listener::ended);
    }

    List<Delivery> remove(Collection<Delivery> deliveries) {
        synchronized (dispatcher) {
            List<Delivery> removed = new ArrayList<>(deliveries.size());
            for (Delivery delivery : deliveries) {
                if (inFlight.remove(delivery)) {
                    removed.add(delivery);
                }
            }
            return removed;
        }
    }

    List<Delivery> removeAll() {
        synchronized (dispatcher) {
            List<Delivery> all = List.copyOf(inFlight);
            inFlight.clear();
            closed = true;
            return all;
        }
    }

    /** Takes back what could not be acknowledged: in flight again, or for the next consumer if this one is closed. */
    void restore(Collection<Delivery> deliveries) {
        synchronized (dispatcher) {
            if (!closed) {
                inFlight.addAll(deliveries);
                return;
            }
        }
        dispatcher.release(this, deliveries, true);
    }

    @Override
    public void credit(int moreMessages, long moreBytes) {
        synchronized (dispatcher) {
            messages += moreMessages;
            bytes += moreBytes;
        }
        dispatcher.schedule();
    }

    @Override
    public void accept(Collection<Delivery> deliveries, boolean wait, Reply<Done> reply) {
        dispatcher.accept(this, deliveries, wait, reply);
    }

    @Override
    public Settlement settle(Collection<Delivery> deliveries) {
        List<Delivery> taken = remove(deliveries);
        return new Settlement(
                taken.isEmpty() ? List.of() : List.of(dispatcher.acknowledgement(taken)),
                () -> dispatcher.transactionStored(taken.size()),
                () -> restore(taken));
    }

    @Override
    public void release(Collection<Delivery> deliveries, boolean counted) {
        dispatcher.release(this, remove(deliveries), counted);
    }

    @Override
    public void poll(Runnable done) {
        dispatcher.poll(this, done);
    }

    @Override
    public void stop(Collection<Delivery> unseen) {
        dispatcher.leave(this, remove(unseen), false);
    }

    @Override
    public void close(boolean counted) {
        dispatcher.leave(this, removeAll(), counted);
    }
}
