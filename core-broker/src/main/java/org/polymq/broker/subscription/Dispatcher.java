/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.state.QueueWatches;
import org.polymq.broker.subscription.SubscriptionState.Cursor;
import org.polymq.storage.QueueIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the messages of one subscription to its consumers: reads its queues merged by log position, keeps what is in
 * flight, and takes back what was released, in its original place.
 *
 * <p>State is guarded by the monitor, held briefly and never while something is appended to the log: appending may run
 * apply, which takes other locks. Consumers are called on their own lanes.
 */
final class Dispatcher implements QueueWatches.Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final int BATCH = 256;
    /** Acknowledged ranges that are written before their time. */
    private static final int MANY_UNSAVED = 1_000;
    /** When what could not be moved to the dead letters is tried again. */
    private static final long RETRY_MILLIS = 5_000;

    private final SubscriptionState subscription;
    private final SubscriptionContext context;
    /** By queue: what is done or was taken by a reader. */
    private final Map<Long, AckState> taken = new HashMap<>();

    private final Readers readers = new Readers();
    private final Looks looks = new Looks();

    /** By rank. */
    private final TreeMap<Long, Delivery> returned = new TreeMap<>();

    private final Turns turns = new Turns();
    private final PumpWishes wishes;
    private final List<Runnable> polls = new ArrayList<>();
    private RangeList unsaved = new RangeList();
    private volatile boolean wanted;

    private int unfinished;
    private boolean ended;

    Dispatcher(SubscriptionState subscription, SubscriptionContext context) {
        this.subscription = subscription;
        this.context = context;
        this.wishes = new PumpWishes(subscription.key(), () -> pump(false));
        cursorsChanged();
    }

    SubscriptionKey key() {
        return subscription.key();
    }

    /** Opens what was added and drops what was removed. */
    synchronized void cursorsChanged() {
        Set<Long> wantedQueues = subscription.cursors().keySet();
        for (Long queue : List.copyOf(taken.keySet())) {
            if (!wantedQueues.contains(queue)) {
                context.watches().remove(queue, this);
                taken.remove(queue);
                readers.close(queue);
            }
        }
        subscription.cursors().forEach((queue, cursor) -> {
            if (!taken.containsKey(queue)) {
                context.watches().add(queue, this);
                AckState done = cursor.done().copyForReading();
                taken.put(queue, done);
                waitOn(queue, cursor, done);
                readers.open(() -> new CursorReader(context.index(), cursor, done));
            }
        });
    }

    /** What came back before the broker was started, or another node led, waits as long as it was told. */
    private void waitOn(long queue, Cursor cursor, AckState readers) {
        long now = context.redelivery().now();
        cursor.done().waitingLongerThan(now).forEach((offset, until) -> {
            Delivery delivery = deliveryAt(queue, offset, cursor.done().count(offset) + 1);
            if (delivery != null && !readers.isDone(offset)) {
                readers.finish(offset, offset + 1);
                unfinished++;
                context.redelivery().later(() -> waited(delivery), until - now);
            }
        });
    }

    private @Nullable Delivery deliveryAt(long queue, long offset, int count) {
        QueueIndex.Entry entry = new QueueIndex.Entry();
        if (!context.index().get(queue, offset, entry)) {
            return null;
        }
        long[] spot = {queue, offset};
        return new Delivery(
                context.reader(), entry.position(), entry.size(), entry.flags(), entry.expiresAt(), spot, count, null);
    }

    /** A cap took all below an offset: what nobody has in hand yet is not handed out any more. */
    synchronized void capped(long queue, long below) {
        AckState readers = taken.get(queue);
        if (readers != null) {
            readers.finish(0, below);
            returned.values().removeIf(this::isDone);
        }
    }

    /** Whether a message that is not done was taken for a consumer and has not come back. */
    synchronized boolean isInHand(long queue, long offset) {
        AckState read = taken.get(queue);
        return read != null
                && read.isDone(offset)
                && returned.values().stream().noneMatch(delivery -> delivery.isAt(queue, offset));
    }

    /** Takes one message that nobody has in hand, to be acknowledged with the settlement; null if that cannot be. */
    synchronized @Nullable Settlement take(long queue, long offset) {
        AckState read = taken.get(queue);
        QueueIndex.Entry entry = new QueueIndex.Entry();
        Cursor cursor = subscription.cursors().get(queue);
        if (ended
                || read == null
                || cursor == null
                || cursor.done().isDone(offset)
                || !context.index().get(queue, offset, entry)
                || isInHand(queue, offset)) {
            return null;
        }
        read.finish(offset, offset + 1);
        returned.values().removeIf(delivery -> delivery.isAt(queue, offset));
        unfinished++;
        return new Settlement(
                List.of(SubscriptionsView.acknowledged(subscription.id(), new long[] {queue, offset, offset + 1}, 3)),
                () -> finished(1),
                () -> {
                    finished(1);
                    unlocked(new AcknowledgedRange(subscription.id(), queue, offset, offset + 1));
                });
    }

    private boolean isDone(Delivery delivery) {
        long[] spots = delivery.spots();
        for (int i = 0; i < spots.length; i += 2) {
            Cursor cursor = subscription.cursors().get(spots[i]);
            if (cursor != null && !cursor.done().isDone(spots[i + 1])) {
                return false;
            }
        }
        return true;
    }

    private void forgetCursors() {
        taken.keySet().forEach(queue -> context.watches().remove(queue, this));
        taken.clear();
        readers.clear();
    }

    private void openAll(SubscriptionReader reader) {
        taken.forEach((queue, done) -> {
            Cursor cursor = subscription.cursors().get(queue);
            if (cursor != null) {
                reader.open(new CursorReader(context.index(), cursor, done));
            }
        });
    }

    /** The subscription is deleted: consumers are told, nothing is handed out any more. */
    void end() {
        List<DurableConsumer> told;
        synchronized (this) {
            ended = true;
            wanted = false;
            forgetCursors();
            returned.clear();
            told = turns.clear();
        }
        told.forEach(DurableConsumer::ended);
    }

    /** @return null if the dispatcher has ended, or another consumer is there and one of the two wants to be alone */
    synchronized @Nullable DurableConsumer attach(ConsumerOptions options, Consumer.Listener listener) {
        if (ended || (!turns.isEmpty() && options.exclusive()) || turns.hasExclusive()) {
            return null;
        }
        SubscriptionReader reader = readers.join(options.filter(), this::openAll);
        DurableConsumer consumer = new DurableConsumer(this, reader, options, listener);
        turns.add(consumer);
        wishes.runOn(turns.lane());
        return consumer;
    }

    /** Whether nothing would be lost by forgetting this dispatcher. */
    synchronized boolean idle() {
        return turns.isEmpty() && unfinished == 0 && unsaved.isEmpty() && !readers.keeps();
    }

    /** Some time has passed: called at even intervals. */
    synchronized void age() {
        readers.age();
    }

    synchronized boolean hasConsumers() {
        return !turns.isEmpty();
    }

    /** Stops watching; only when {@link #idle}. */
    synchronized void retire() {
        ended = true;
        forgetCursors();
    }

    @Override
    public void appended() {
        if (wanted) {
            schedule();
        }
    }

    /** Asks for a pump on the dispatcher's lane; at most one runs at a time. */
    void schedule() {
        wishes.add();
    }

    /** Runs a task on a consumer's lane behind all that can be handed out now. */
    void poll(DurableConsumer consumer, Runnable task) {
        synchronized (this) {
            polls.add(() -> consumer.lane().execute(task));
        }
        schedule();
    }

    /**
     * Hands out what there is while consumers have credit.
     *
     * @param mayBeCold whether this thread may wait for the disk
     */
    private void pump(boolean mayBeCold) {
        int answered = wishes.seen();
        Round round = new Round();
        Search search = new Search(subscription.key(), context, looks, mayBeCold);
        synchronized (this) {
            round.more(fill(round, search));
            for (DurableConsumer consumer : turns.all()) {
                round.add(consumer, consumer.takeBatch());
            }
            if (!round.hasMore()) {
                looks.clear();
                round.addPolls(polls);
                polls.clear();
            }
        }
        saveIfMany();
        if (!round.dead().isEmpty()) {
            RedeliveryPolicy policy = context.redelivery().policy(key());
            round.dead().forEach(delivery -> bury(delivery, policy));
        }
        if (search.isCold()) {
            round.send();
            context.coldReads().execute(() -> wishes.guarded(() -> pump(true)));
        } else if (round.isCold() && !mayBeCold) {
            context.coldReads()
                    .execute(() -> wishes.guarded(() -> {
                        round.load();
                        finish(round, answered);
                    }));
        } else {
            if (round.isCold()) {
                round.load();
            }
            finish(round, answered);
        }
    }

    private void finish(Round round, int answered) {
        round.send();
        wishes.answered(answered, round.hasMore());
    }

    private boolean fill(Round round, Search search) {
        Set<SubscriptionReader> exhausted = new HashSet<>(4);
        int ahead = 0;
        int found = 0;
        while (found < BATCH) {
            ahead = turns.nextWithCredit(ahead, exhausted);
            if (ahead < 0) {
                wanted = !exhausted.isEmpty();
                return false;
            }
            DurableConsumer consumer = turns.at(ahead);
            wanted = true;
            if (consumer.hasParked()) {
                consumer.takeParked();
                round.cold(true); // It may have waited long.
                turns.passBehind(ahead);
                ahead = 0;
                found++;
                continue;
            }
            // Read after it is known that a wake-up is wanted. What is being applied may not be in all its queues yet:
            // it would be taken from one now and from another later.
            long below = context.appliedBelow().getAsLong();
            Delivery delivery = consumer.reader().next(returned, below, search);
            if (delivery == null && search.isOver()) {
                turns.passBehind(ahead);
                return true;
            }
            if (delivery == null) {
                exhausted.add(consumer.reader());
                continue;
            }
            found++;
            boolean over = context.expiry()
                    .isOver(subscription.key(), delivery.position(), delivery.flags(), delivery.expiresAt());
            if (over || !consumer.wants(delivery)) {
                unsaved.add(delivery.spots());
                continue;
            }
            if (consumer.limited() && delivery.deliveryCount() > 1) {
                RedeliveryPolicy policy = context.redelivery().policy(key());
                if (policy.isDead(delivery.deliveryCount() - 1)) {
                    unfinished++;
                    round.addDead(delivery.before());
                    continue;
                }
            }
            DurableConsumer receiver = consumer;
            if ((delivery.flags() & MessageRecord.GROUPED) != 0) {
                if (!search.mayRead(delivery.position())) {
                    comesBack(delivery);
                    turns.passBehind(ahead);
                    return true;
                }
                receiver = consumer.reader().ownerOf(groupOf(delivery), () -> turns.withFewestGroups(consumer));
            }
            if (receiver != consumer && (receiver.hasParked() || !receiver.hasCredit())) {
                if (receiver.park(delivery)) {
                    unfinished++;
                } else {
                    comesBack(delivery);
                    exhausted.add(consumer.reader());
                }
                continue;
            }
            receiver.take(delivery);
            turns.passBehind(ahead);
            ahead = 0;
            unfinished++;
            round.cold(context.coldReads().isCold(delivery.position()));
        }
        return true;
    }

    private void unpark(DurableConsumer consumer) {
        List<Delivery> parked = consumer.unpark();
        unfinished -= parked.size();
        if (!ended) {
            parked.forEach(this::comesBack);
        }
    }

    private static int groupOf(Delivery delivery) {
        try {
            return delivery.message().orderHash();
        } catch (BrokerException unreadable) {
            // The consumer meets the same error when it opens the message, where it can be reported.
            return 0;
        }
    }

    private void saveIfMany() {
        boolean many;
        synchronized (this) {
            many = unsaved.size() >= MANY_UNSAVED;
        }
        if (many) {
            saveAcknowledged();
        }
    }

    /** Writes the coalesced acknowledgements, if there are any; nobody waits for them. */
    void saveAcknowledged() {
        RangeList saving;
        synchronized (this) {
            if (unsaved.isEmpty() || ended) {
                return;
            }
            saving = unsaved;
            unsaved = new RangeList();
            unfinished++;
        }
        context.committer()
                .control(
                        List.of(saving.toRecord(subscription.id())),
                        Lane.direct(),
                        Reply.of(done -> finished(1), refused -> notSaved(saving, refused)),
                        results -> saving.size());
    }

    private synchronized void notSaved(RangeList ranges, BrokerException refused) {
        unfinished--;
        if (refused.reason() == Reason.DISK_FULL) {
            unsaved.addAll(ranges);
        }
    }

    private synchronized void finished(int count) {
        unfinished -= count;
    }

    /**
     * The record that says these are done; they are out of flight from now on. For one transaction or acknowledgement.
     */
    ByteBuffer acknowledgement(Collection<Delivery> deliveries) {
        RangeList ranges = new RangeList();
        for (Delivery delivery : deliveries) {
            ranges.add(delivery.spots());
        }
        return ranges.toRecord(subscription.id());
    }

    void accept(DurableConsumer consumer, Collection<Delivery> deliveries, boolean wait, Reply<Done> reply) {
        List<Delivery> settled = consumer.remove(deliveries);
        if (settled.isEmpty()) {
            reply.ok(Done.DONE);
            return;
        }
        if (!wait) {
            synchronized (this) {
                settled.forEach(delivery -> unsaved.add(delivery.spots()));
                unfinished -= settled.size();
            }
            saveIfMany();
            reply.ok(Done.DONE);
            return;
        }
        context.committer()
                .<Done>control(
                        List.of(acknowledgement(settled)),
                        consumer.lane(),
                        Reply.of(
                                done -> {
                                    finished(settled.size());
                                    reply.ok(Done.DONE);
                                },
                                refused -> {
                                    consumer.restore(settled);
                                    reply.failed(refused);
                                }),
                        results -> Done.DONE);
    }

    /** A transaction that took these out of flight was stored. */
    void transactionStored(int count) {
        finished(count);
    }

    /** Takes back what a consumer hands back; under a redelivery policy it may wait, or be a dead letter. */
    void release(DurableConsumer consumer, Collection<Delivery> deliveries, boolean counted) {
        List<ByteBuffer> counts = new ArrayList<>(counted ? deliveries.size() : 0);
        List<Delivery> dead = new ArrayList<>(0);
        RedeliveryPolicy policy =
                counted && consumer.limited() ? context.redelivery().policy(key()) : null;
        synchronized (this) {
            unfinished -= deliveries.size();
            unpark(consumer); // What comes back is before it.
            if (!ended) {
                for (Delivery delivery : deliveries) {
                    if (policy != null && policy.isDead(delivery.deliveryCount())) {
                        unfinished++;
                        dead.add(delivery);
                        continue;
                    }
                    Delivery again = delivery.again(counted);
                    long wait = policy == null ? 0 : policy.delayMillis(delivery.deliveryCount());
                    if (wait > 0) {
                        unfinished++;
                        context.redelivery().later(() -> waited(again), wait);
                    } else {
                        comesBack(again);
                    }
                    if (counted) {
                        counts.add(
                                countOf(again, wait > 0 ? context.redelivery().now() + wait : 0));
                    }
                }
            }
            if (!counts.isEmpty()) {
                unfinished++;
            }
        }
        if (!counts.isEmpty()) {
            context.committer()
                    .<Done>control(
                            counts,
                            Lane.direct(),
                            Reply.of(done -> finished(1), refused -> finished(1)),
                            results -> Done.DONE);
        }
        if (policy != null) {
            for (Delivery delivery : dead) {
                bury(delivery, policy);
            }
        }
        schedule();
    }

    private void waited(Delivery delivery) {
        synchronized (this) {
            unfinished--;
            if (ended) {
                return;
            }
            comesBack(delivery);
        }
        schedule();
    }

    /** Moves a message to the dead letters; if that cannot be done now it comes back a while later. */
    private void bury(Delivery delivery, RedeliveryPolicy policy) {
        Settlement settlement = new Settlement(List.of(acknowledgement(List.of(delivery))), () -> {}, () -> {});
        context.redelivery().bury(key(), delivery, settlement, policy, Reply.of(done -> finished(1), refused -> {
            LOG.warn("a dead letter of {} stays where it is: {}", key(), refused.getMessage());
            context.redelivery().later(() -> waited(delivery), RETRY_MILLIS);
        }));
    }

    /** A prepared transaction did not acknowledge these after all: they come back to their place. */
    void unlocked(AcknowledgedRange range) {
        synchronized (this) {
            Cursor cursor = subscription.cursors().get(range.queue());
            if (ended || cursor == null) {
                return;
            }
            for (long offset = range.start(); offset < range.end(); offset++) {
                Delivery back = cursor.done().isDone(offset)
                        ? null
                        : deliveryAt(range.queue(), offset, cursor.done().count(offset) + 1);
                if (back != null) {
                    comesBack(back);
                }
            }
        }
        schedule();
    }

    private void comesBack(Delivery delivery) {
        returned.put(delivery.rank(), delivery);
        readers.returned(delivery.rank());
    }

    private ByteBuffer countOf(Delivery delivery, long waitsUntil) {
        long[] spots = delivery.spots();
        return SubscriptionsView.counted(
                subscription.id(), spots[0], spots[1], delivery.deliveryCount() - 1, waitsUntil);
    }

    /** The consumer gets nothing more, and these come back. */
    void leave(DurableConsumer consumer, Collection<Delivery> returning, boolean counted) {
        synchronized (this) {
            unpark(consumer);
            consumer.reader().disown(consumer);
            if (turns.remove(consumer)) {
                readers.leave(consumer.reader());
            }
            wishes.runOn(turns.lane());
        }
        release(consumer, returning, counted);
    }

    /** What is neither done nor in flight nor unread: only for the message counts of the queue. */
    synchronized int returnedCount() {
        return returned.size();
    }
}
