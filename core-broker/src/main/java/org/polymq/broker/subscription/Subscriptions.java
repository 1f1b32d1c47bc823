/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.state.Committer;
import org.polymq.broker.subscription.SubscriptionState.Cursor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Durable subscriptions that advance by acknowledgement: made and deleted through the log, consumed through
 * {@link Consumer}s. Safe from any thread.
 */
public final class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);

    private final SubscriptionsView view;
    private final Committer committer;
    private final SubscriptionContext context;
    /** Locked before a dispatcher and never after it. */
    private final Map<SubscriptionKey, Dispatcher> dispatchers = new ConcurrentHashMap<>();

    /**
     * What is known of a subscription.
     *
     * @param filters its topic filters; empty for a queue's
     * @param attributes what the adapter gave when it was made
     * @param pending messages not done with, those in flight included
     */
    public record Info(SubscriptionKey key, List<String> filters, String attributes, long pending, boolean active) {}

    public Subscriptions(SubscriptionsView view, Committer committer, SubscriptionContext context) {
        this.view = view;
        this.committer = committer;
        this.context = context;
        view.onChange(new SubscriptionsView.Changes() {
            @Override
            public void changed(SubscriptionState subscription, boolean deleted) {
                Subscriptions.this.changed(subscription, deleted);
            }

            @Override
            public void capped(SubscriptionState subscription, long queue, long below) {
                Subscriptions.this.capped(subscription, queue, below);
            }

            @Override
            public void unlocking(SubscriptionState subscription, AcknowledgedRange range, Runnable unlock) {
                dispatchers.compute(subscription.key(), (key, dispatcher) -> {
                    unlock.run();
                    if (dispatcher != null) {
                        dispatcher.unlocked(range);
                    }
                    return dispatcher;
                });
            }
        });
    }

    /**
     * Makes the subscription, or resumes it if it has the same filters and attributes; one that differs is deleted and
     * made anew in one step. It gets every message that is stored after the reply.
     */
    public void subscribe(SubscriptionKey key, List<String> filters, String attributes, Lane lane, Reply<Done> reply) {
        committer.<Done>control(
                List.of(SubscriptionsView.subscribe(key, filters, attributes)), lane, reply, results -> Done.DONE);
    }

    /**
     * Makes the subscription of a native group to one queue, from an offset on; one that stands at another offset is
     * made anew.
     */
    public void open(SubscriptionKey key, long queue, long from, Lane lane, Reply<Done> reply) {
        committer.<Done>control(
                List.of(SubscriptionsView.openQueue(key, queue, from)), lane, reply, results -> Done.DONE);
    }

    /** The offset of a queue below which a subscription is done with everything; -1 if it does not read it. */
    public long floor(SubscriptionKey key, long queue) {
        SubscriptionState state = view.get(key);
        Cursor cursor = state == null ? null : state.cursors().get(queue);
        return cursor == null ? -1 : cursor.done().floor();
    }

    /**
     * Deletes the subscription. Fails with SUBSCRIPTION_IN_USE while it has consumers, SUBSCRIPTION_NOT_FOUND if there
     * is none.
     */
    public void unsubscribe(SubscriptionKey key, Lane lane, Reply<Done> reply) {
        if (view.get(key) == null) {
            reply.failed(notFound(key));
            return;
        }
        Dispatcher dispatcher = dispatchers.get(key);
        if (dispatcher != null && dispatcher.hasConsumers()) {
            reply.failed(inUse(key));
            return;
        }
        committer.<Done>control(List.of(SubscriptionsView.unsubscribe(key)), lane, reply, results -> Done.DONE);
    }

    /**
     * Takes everything that was stored until now from a subscription: it counts as acknowledged, and nobody is handed
     * it any more. What a prepared transaction acknowledges stays, with all behind it.
     *
     * @param reply how many messages were taken; SUBSCRIPTION_NOT_FOUND
     */
    public void purge(SubscriptionKey key, Lane lane, Reply<Long> reply) {
        SubscriptionState state = view.get(key);
        if (state == null) {
            reply.failed(notFound(key));
            return;
        }
        List<ByteBuffer> records = new ArrayList<>();
        for (Cursor cursor : state.cursors().values()) {
            records.add(SubscriptionsView.capped(
                    state.id(), cursor.queue(), context.index().end(cursor.queue())));
        }
        if (records.isEmpty()) {
            lane.execute(() -> reply.ok(0L));
            return;
        }
        committer.<Long>control(records, lane, reply, results -> {
            long taken = 0;
            for (Object result : results) {
                taken += result instanceof Long count ? count : 0;
            }
            return taken;
        });
    }

    /**
     * All subscriptions that have, or had, one message to consume. Looks at each of them: not for event loops.
     *
     * @param name the canonical name that the message was published to
     * @param queue the queue of its topic that it is in
     * @param position its log position
     */
    public List<Progress> progress(String name, long queue, long position) {
        return new MessageTrail(context.index(), (key, spot) -> {
                    Dispatcher dispatcher = dispatchers.get(key);
                    return dispatcher != null && dispatcher.isInHand(spot.queue(), spot.offset());
                })
                .of(view.all(), name, queue, position);
    }

    /**
     * Takes one message out of a subscription on an administrator's behalf: nobody is handed it while the settlement is
     * on its way, and it is acknowledged with it.
     *
     * @throws BrokerException SUBSCRIPTION_NOT_FOUND; SUBSCRIPTION_IN_USE if a consumer has it in hand;
     *     OFFSET_OUT_OF_RANGE if it is acknowledged already
     */
    public Settlement take(SubscriptionKey key, long queue, long offset) {
        SubscriptionState state = view.get(key);
        Cursor cursor = state == null ? null : state.cursors().get(queue);
        if (state == null || cursor == null) {
            throw notFound(key);
        }
        Settlement[] taken = new Settlement[1];
        dispatchers.compute(key, (same, existing) -> {
            Dispatcher dispatcher = existing == null ? new Dispatcher(state, context) : existing;
            taken[0] = dispatcher.take(queue, offset);
            return dispatcher;
        });
        if (taken[0] != null) {
            return taken[0];
        }
        throw cursor.done().isDone(offset)
                ? new BrokerException(
                        Reason.OFFSET_OUT_OF_RANGE,
                        "message " + offset + " of " + describe(key) + " is acknowledged already")
                : new BrokerException(
                        Reason.SUBSCRIPTION_IN_USE, "a consumer has message " + offset + " of " + describe(key));
    }

    /** Whether a subscription is done with the message at an offset; true if it does not read that queue. */
    public boolean isDone(SubscriptionKey key, long queue, long offset) {
        SubscriptionState state = view.get(key);
        Cursor cursor = state == null ? null : state.cursors().get(queue);
        return cursor == null || cursor.done().isDone(offset);
    }

    /** When what a subscription waits longest for was stored, ms since the epoch; empty if nothing waits. May read. */
    public OptionalLong oldestWaiting(SubscriptionKey key, ToLongBiFunction<Long, Long> storeTime) {
        SubscriptionState state = view.get(key);
        long oldest = Long.MAX_VALUE;
        if (state != null) {
            for (Cursor cursor : state.cursors().values()) {
                long first = cursor.done().firstNotDone(cursor.done().floor());
                if (first < context.index().end(cursor.queue())) {
                    oldest = Math.min(oldest, storeTime.applyAsLong(cursor.queue(), first));
                }
            }
        }
        return oldest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(oldest);
    }

    /**
     * Adds a consumer, without credit at first.
     *
     * @throws BrokerException SUBSCRIPTION_NOT_FOUND, or SUBSCRIPTION_IN_USE if it or an earlier consumer is exclusive
     */
    public Consumer attach(SubscriptionKey key, ConsumerOptions options, Consumer.Listener listener) {
        while (true) {
            SubscriptionState state = view.get(key);
            if (state == null) {
                throw notFound(key);
            }
            DurableConsumer attached = attach(state, options, listener);
            if (attached != null) {
                return attached;
            }
            if (view.get(key) == state) {
                throw inUse(key);
            }
        }
    }

    /**
     * Looks at what the subscription is not done with, without taking anything.
     *
     * @throws BrokerException SUBSCRIPTION_NOT_FOUND
     */
    public Consumer browse(SubscriptionKey key, Lane lane, @Nullable Filter filter, Consumer.Listener listener) {
        SubscriptionState state = view.get(key);
        if (state == null) {
            throw notFound(key);
        }
        return new Browser(state, context, lane, filter, listener);
    }

    /** The broker has just started: what lived as long as its consumers is over. */
    public void brokerStarted() {
        for (SubscriptionState state : List.copyOf(view.all())) {
            if (state.key().kind() == SubscriptionKey.Kind.JMS_SHARED) {
                committer.<Done>control(
                        List.of(SubscriptionsView.unsubscribe(state.key())),
                        Lane.direct(),
                        Reply.of(
                                done -> {},
                                refused ->
                                        LOG.warn("{} of before is not deleted: {}", state.key(), refused.getMessage())),
                        results -> Done.DONE);
            }
        }
    }

    /** @return null if the subscription is gone, or has consumers that this one cannot join */
    private @Nullable DurableConsumer attach(
            SubscriptionState state, ConsumerOptions options, Consumer.Listener listener) {
        DurableConsumer[] attached = new DurableConsumer[1];
        dispatchers.compute(state.key(), (key, existing) -> {
            if (view.get(key) != state) {
                return existing;
            }
            // Whoever deletes the subscription from here on finds this dispatcher and ends it.
            Dispatcher dispatcher = existing == null ? new Dispatcher(state, context) : existing;
            attached[0] = dispatcher.attach(options, listener);
            return dispatcher;
        });
        return attached[0];
    }

    /** Whether the subscription has a consumer right now. */
    public boolean isActive(SubscriptionKey key) {
        Dispatcher dispatcher = dispatchers.get(key);
        return dispatcher != null && dispatcher.hasConsumers();
    }

    /** The keys of all subscriptions of a kind. */
    public List<SubscriptionKey> keys(SubscriptionKey.Kind kind) {
        List<SubscriptionKey> keys = new ArrayList<>();
        for (SubscriptionState state : view.all()) {
            if (state.key().kind() == kind) {
                keys.add(state.key());
            }
        }
        return keys;
    }

    /** The keys of all subscriptions. */
    public List<SubscriptionKey> keys() {
        List<SubscriptionKey> keys = new ArrayList<>();
        view.all().forEach(state -> keys.add(state.key()));
        return keys;
    }

    /** Those for which most waits, at most so many; in no order. Looks at each: not for event loops. */
    public List<Info> mostWaiting(int most) {
        record Waiting(SubscriptionState state, long messages) {}
        PriorityQueue<Waiting> found = new PriorityQueue<>(Comparator.comparingLong(Waiting::messages));
        for (SubscriptionState state : view.all()) {
            long waiting = pending(state);
            if (waiting > 0) {
                found.add(new Waiting(state, waiting));
                if (found.size() > most) {
                    found.poll();
                }
            }
        }
        return found.stream().map(each -> info(each.state())).toList();
    }

    private long pending(SubscriptionState state) {
        long pending = 0;
        for (Cursor cursor : state.cursors().values()) {
            pending += cursor.done().pending(context.index().end(cursor.queue()));
        }
        return pending;
    }

    public Optional<Info> find(SubscriptionKey key) {
        SubscriptionState state = view.get(key);
        return state == null ? Optional.empty() : Optional.of(info(state));
    }

    /** How many there are. */
    public int count() {
        return view.all().size();
    }

    public List<Info> all() {
        List<Info> all = new ArrayList<>();
        view.all().forEach(state -> all.add(info(state)));
        return all;
    }

    /**
     * Writes coalesced acknowledgements and forgets dispatchers that nobody uses. Called every 100 ms and before a
     * clean stop.
     */
    public void save() {
        for (Map.Entry<SubscriptionKey, Dispatcher> entry : dispatchers.entrySet()) {
            Dispatcher dispatcher = entry.getValue();
            dispatcher.saveAcknowledged();
            dispatcher.age();
            if (dispatcher.idle()) {
                dispatchers.computeIfPresent(entry.getKey(), (key, same) -> {
                    if (same != dispatcher || !dispatcher.idle()) {
                        return same;
                    }
                    dispatcher.retire();
                    return null;
                });
            }
        }
    }

    private void capped(SubscriptionState subscription, long queue, long below) {
        dispatchers.computeIfPresent(subscription.key(), (key, dispatcher) -> {
            dispatcher.capped(queue, below);
            return dispatcher;
        });
    }

    private void changed(SubscriptionState subscription, boolean deleted) {
        if (deleted) {
            Dispatcher dispatcher = dispatchers.remove(subscription.key());
            if (dispatcher != null) {
                dispatcher.end();
            }
            return;
        }
        // Waits for a dispatcher in the making, which may have seen only some of the cursors.
        dispatchers.computeIfPresent(subscription.key(), (key, dispatcher) -> {
            dispatcher.cursorsChanged();
            return dispatcher;
        });
    }

    private Info info(SubscriptionState state) {
        List<String> filters = new ArrayList<>();
        for (Cursor cursor : state.cursors().values()) {
            if (!cursor.filter().isEmpty()) {
                filters.add(cursor.filter());
            }
        }
        Dispatcher dispatcher = dispatchers.get(state.key());
        boolean active = dispatcher != null && dispatcher.hasConsumers();
        return new Info(state.key(), filters, state.attributes(), pending(state), active);
    }

    private static BrokerException notFound(SubscriptionKey key) {
        return new BrokerException(Reason.SUBSCRIPTION_NOT_FOUND, "there is no subscription " + describe(key));
    }

    private static BrokerException inUse(SubscriptionKey key) {
        return new BrokerException(
                Reason.SUBSCRIPTION_IN_USE, "subscription " + describe(key) + " has an active consumer");
    }

    private static String describe(SubscriptionKey key) {
        return switch (key.kind()) {
            case QUEUE -> "of queue '" + key.name() + "'";
            case JMS_SHARED -> "'" + key.name() + "', shared by JMS consumers,";
            case JMS_DURABLE -> "'" + key.name() + "' of JMS client '" + key.owner() + "'";
            case MQTT_SESSION -> "of MQTT session '" + key.owner() + "'";
            case MQTT_SHARED -> "'" + key.name() + "' shared as '" + key.owner() + "'";
            case POP -> "of group '" + key.owner() + "' on queue " + key.name();
            case CONNECTOR -> "of connector '" + key.owner() + "' to '" + key.name() + "'";
        };
    }
}
