/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.Ids;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;
import org.polymq.broker.subscription.SubscriptionState.Cursor;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.storage.QueueIndex;
import org.roaringbitmap.RoaringBitmap;

/** All durable subscriptions that advance by acknowledgement. Changed by apply; lookups are safe from any thread. */
public final class SubscriptionsView implements View {
    private final Ids ids;
    private final Supplier<QueueIndex> index;
    private final FilterQueues filterQueues;
    private final Map<SubscriptionKey, SubscriptionState> byKey = new ConcurrentHashMap<>();
    private final Map<Integer, SubscriptionState> byId = new ConcurrentHashMap<>();
    /** The subscriptions that read a queue. */
    private final Map<Long, Set<SubscriptionState>> readers = new ConcurrentHashMap<>();

    private volatile Changes changes = new Changes() {};

    /** Told what happened to a subscription, on the appending thread; must not block. */
    interface Changes {
        /** Its cursors changed, or it is gone. */
        default void changed(SubscriptionState subscription, boolean deleted) {}

        /** A cap took all below an offset of a queue. */
        default void capped(SubscriptionState subscription, long queue, long below) {}

        /**
         * Messages that a prepared transaction had locked come back.
         *
         * @param unlock makes it so; to be run once, while no reader of the subscription is being made
         */
        default void unlocking(SubscriptionState subscription, AcknowledgedRange range, Runnable unlock) {
            unlock.run();
        }
    }

    public SubscriptionsView(Ids ids, Supplier<QueueIndex> index) {
        this.ids = ids;
        this.index = index;
        this.filterQueues = new FilterQueues(ids, index);
    }

    void onChange(Changes listener) {
        this.changes = listener;
    }

    @Nullable
    SubscriptionState get(SubscriptionKey key) {
        return byKey.get(key);
    }

    Collection<SubscriptionState> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** Queues of durable filters that match a topic name; from apply only. */
    public long[] filterQueues(String name, boolean exactOnly) {
        return filterQueues.match(name, exactOnly);
    }

    /** Whether a durable filter could match names below this first level. Any thread. */
    public boolean mayMatch(String firstLevel) {
        return filterQueues.mayMatch(firstLevel);
    }

    /** Whether a durable filter matches the name. Any thread. */
    public boolean matchesAny(String name, boolean exactOnly) {
        return filterQueues.matchesAny(name, exactOnly);
    }

    /** Whether a durable subscription names this topic or something below it. */
    public boolean names(String topic) {
        return filterQueues.names(topic);
    }

    static ByteBuffer subscribe(SubscriptionKey key, List<String> filters, String attributes) {
        return ControlRecord.of(RecordType.SUBSCRIPTION, out -> {
            key.write(out);
            out.writeInt(filters.size());
            for (String filter : filters) {
                out.writeUTF(filter);
            }
            ControlRecord.writeText(out, attributes);
        });
    }

    static ByteBuffer unsubscribe(SubscriptionKey key) {
        return ControlRecord.of(RecordType.SUBSCRIPTION_DELETED, key::write);
    }

    static ByteBuffer openQueue(SubscriptionKey key, long queue, long from) {
        return ControlRecord.of(RecordType.POP_SUBSCRIPTION, out -> {
            key.write(out);
            out.writeLong(queue);
            out.writeLong(from);
        });
    }

    /** One record for ranges of offsets of one subscription: triples of queue, start, end. */
    static ByteBuffer acknowledged(int subscription, long[] ranges, int length) {
        return ControlRecord.of(RecordType.ACKNOWLEDGED, out -> {
            out.writeInt(subscription);
            out.writeInt(length / 3);
            for (int i = 0; i < length; i++) {
                out.writeLong(ranges[i]);
            }
        });
    }

    /**
     * A message came back.
     *
     * @param count how often it was handed to an application
     * @param waitsUntil when it may be delivered again, ms since the epoch; 0 is at once
     */
    static ByteBuffer counted(int subscription, long queue, long offset, int count, long waitsUntil) {
        return ControlRecord.of(RecordType.DELIVERY_COUNT, out -> {
            out.writeInt(subscription);
            out.writeLong(queue);
            out.writeLong(offset);
            out.writeInt(count);
            out.writeLong(waitsUntil);
        });
    }

    static ByteBuffer capped(int subscription, long queue, long below) {
        return ControlRecord.of(RecordType.SUBSCRIPTION_CAPPED, out -> {
            out.writeInt(subscription);
            out.writeLong(queue);
            out.writeLong(below);
        });
    }

    /** It has had no consumer since then (ms since the epoch), or has one again (0). */
    static ByteBuffer unused(int subscription, long since) {
        return ControlRecord.of(RecordType.SUBSCRIPTION_UNUSED, out -> {
            out.writeInt(subscription);
            out.writeLong(since);
        });
    }

    /** Applies a subscribe record: resumes what is the same, replaces what differs. Answers the subscription. */
    public Object applySubscribe(DataInput in) throws IOException {
        SubscriptionKey key = SubscriptionKey.read(in);
        Set<String> filters = new HashSet<>();
        List<String> ordered = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            String filter = in.readUTF();
            if (filters.add(filter)) {
                ordered.add(filter);
            }
        }
        String attributes = ControlRecord.readText(in);
        SubscriptionState existing = byKey.get(key);
        if (existing != null) {
            Set<String> has = new HashSet<>();
            existing.cursors().values().forEach(cursor -> has.add(cursor.filter()));
            if (has.equals(filters) && existing.attributes().equals(attributes)) {
                return existing;
            }
            drop(existing);
        }
        SubscriptionState made = new SubscriptionState(ids.next(), key, attributes);
        put(made);
        ordered.forEach(filter -> open(made, filter));
        return made;
    }

    /** Applies that a native group reads a queue from an offset on: what stands there already stays. */
    public Object applyOpenQueue(DataInput in) throws IOException {
        SubscriptionKey key = SubscriptionKey.read(in);
        long queue = in.readLong();
        long from = in.readLong();
        SubscriptionState existing = byKey.get(key);
        if (existing != null) {
            Cursor cursor = existing.cursors().get(queue);
            if (cursor != null && cursor.done().floor() == from) {
                return existing;
            }
            drop(existing);
        }
        SubscriptionState made = new SubscriptionState(ids.next(), key, "");
        put(made);
        addCursor(made, new Cursor(queue, "", new AckState(from)));
        return made;
    }

    /** Part of apply: a topic is deleted, and this was one of its queues. */
    public void forgetQueue(long queue) {
        for (SubscriptionState state : List.copyOf(readers.getOrDefault(queue, Set.of()))) {
            if (state.key().kind() == SubscriptionKey.Kind.POP) {
                drop(state);
            }
        }
    }

    /** Part of apply: a native group is deleted. */
    public void forgetGroup(String group) {
        for (SubscriptionState state : List.copyOf(byId.values())) {
            if (state.key().kind() == SubscriptionKey.Kind.POP
                    && state.key().owner().equals(group)) {
                drop(state);
            }
        }
    }

    /** Applies an unsubscribe record; answers whether there was a subscription. */
    public Object applyUnsubscribe(DataInput in) throws IOException {
        return delete(SubscriptionKey.read(in));
    }

    /** Part of apply: a subscription goes. */
    public boolean delete(SubscriptionKey key) {
        SubscriptionState existing = byKey.get(key);
        if (existing == null) {
            return false;
        }
        drop(existing);
        return true;
    }

    /** Part of apply: a session's filters change. A filter that is there already keeps its position. */
    public void change(SubscriptionKey key, Collection<String> added, Collection<String> removed) {
        SubscriptionState state = byKey.get(key);
        if (state == null) {
            state = new SubscriptionState(ids.next(), key, "");
            put(state);
        }
        for (String filter : removed) {
            SubscriptionState from = state;
            state.cursorOf(filter).ifPresent(cursor -> close(from, cursor));
        }
        for (String filter : added) {
            if (state.cursorOf(filter).isEmpty()) {
                open(state, filter);
            }
        }
        changes.changed(state, false);
    }

    /**
     * Part of apply: a topic was made, changed or turned; a queue gets its subscription, from the oldest message kept.
     */
    public void topicApplied(Topic topic) {
        if (topic.kind() != TopicKind.QUEUE) {
            return;
        }
        SubscriptionKey key = SubscriptionKey.queue(topic.name());
        SubscriptionState state = byKey.get(key);
        if (state == null) {
            state = new SubscriptionState(ids.next(), key, "");
            put(state);
        }
        for (int queue = 0; queue < topic.queues(); queue++) {
            long number = topic.queueKey(queue);
            if (!state.cursors().containsKey(number)) {
                AckState done = new AckState(index.get().start(number));
                addCursor(state, new Cursor(number, "", done));
            }
        }
        changes.changed(state, false);
    }

    /** Part of apply: a message of a queue is in the lane of its priority. */
    public void laned(long queue, int priority) {
        for (SubscriptionState state : readers.getOrDefault(queue, Set.of())) {
            Cursor cursor = state.cursors().get(queue);
            if (cursor != null) {
                cursor.laned(priority);
            }
        }
    }

    public void applyAcknowledged(DataInput in) throws IOException {
        SubscriptionState state = byId.get(in.readInt());
        for (int n = in.readInt(); n > 0; n--) {
            long queue = in.readLong();
            long start = in.readLong();
            long end = in.readLong();
            Cursor cursor = state == null ? null : state.cursors().get(queue);
            if (cursor != null) {
                cursor.done().finish(start, end);
            }
        }
    }

    /** What an acknowledgement's record says. */
    public static List<AcknowledgedRange> rangesOf(ByteBuffer record) {
        try {
            DataInput in = ControlRecord.fields(record);
            int subscription = in.readInt();
            List<AcknowledgedRange> ranges = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                ranges.add(new AcknowledgedRange(subscription, in.readLong(), in.readLong(), in.readLong()));
            }
            return ranges;
        } catch (IOException e) {
            throw new UncheckedIOException("an acknowledgement does not decode", e);
        }
    }

    private @Nullable Cursor cursorOf(AcknowledgedRange range) {
        SubscriptionState state = byId.get(range.subscription());
        return state == null ? null : state.cursors().get(range.queue());
    }

    /** Part of apply: whether a transaction may acknowledge these; those of a subscription that is gone it may. */
    public boolean mayLock(AcknowledgedRange range) {
        Cursor cursor = cursorOf(range);
        return cursor == null || cursor.done().isFree(range.start(), range.end());
    }

    /** Part of apply: a prepared transaction acknowledges these. They are neither done nor read by anybody. */
    public void lock(AcknowledgedRange range) {
        Cursor cursor = cursorOf(range);
        if (cursor != null) {
            cursor.done().lock(range.start(), range.end());
        }
    }

    /** Part of apply: the transaction has ended; they are done, or come back as delivered once more. */
    public void unlock(AcknowledgedRange range, boolean done) {
        SubscriptionState state = byId.get(range.subscription());
        Cursor cursor = cursorOf(range);
        if (state == null || cursor == null) {
            return;
        }
        if (done) {
            cursor.done().unlock(range.start(), range.end(), true);
        } else {
            changes.unlocking(state, range, () -> cursor.done().unlock(range.start(), range.end(), false));
        }
    }

    public void applyCount(DataInput in) throws IOException {
        SubscriptionState state = byId.get(in.readInt());
        Cursor cursor = state == null ? null : state.cursors().get(in.readLong());
        if (cursor != null) {
            long offset = in.readLong();
            cursor.done().count(offset, in.readInt());
            cursor.done().waits(offset, in.readLong());
        }
    }

    /** Applies that a cap takes all below an offset; answers how many messages that were. */
    public Object applyCapped(DataInput in) throws IOException {
        SubscriptionState state = byId.get(in.readInt());
        long queue = in.readLong();
        long below = in.readLong();
        Cursor cursor = state == null ? null : state.cursors().get(queue);
        if (state == null || cursor == null) {
            return 0L;
        }
        below = Math.min(below, cursor.done().firstLocked());
        long taken = cursor.done().pending(below);
        if (taken > 0) {
            cursor.done().finish(0, below);
            changes.capped(state, queue, below);
        }
        return taken;
    }

    public void applyUnused(DataInput in) throws IOException {
        SubscriptionState state = byId.get(in.readInt());
        long since = in.readLong();
        if (state != null) {
            state.unusedSince(since);
        }
    }

    /** Takes ranges of offsets. */
    public interface Ranges {
        void range(long start, long end);
    }

    /** Tells which of the offsets [start, end) of a queue some subscription is not done with, rising. */
    public void needed(long queue, long start, long end, Ranges ranges) {
        long main = PriorityLanes.mainQueue(queue);
        if (main != queue) {
            neededInLane(queue, main, start, end, ranges);
            return;
        }
        RoaringBitmap needed = new RoaringBitmap();
        for (SubscriptionState state : readers.getOrDefault(queue, Set.of())) {
            Cursor cursor = state.cursors().get(queue);
            if (cursor != null) {
                cursor.done().addNotDone(start, end, needed);
            }
        }
        for (long from = needed.isEmpty() ? -1 : needed.nextValue(0); from >= 0; ) {
            long to = Integer.toUnsignedLong((int) needed.nextAbsentValue((int) from));
            ranges.range(start + from, start + to);
            from = needed.nextValue((int) to);
        }
    }

    /** A lane's entry is needed as long as the message's own is. */
    private void neededInLane(long lane, long main, long start, long end, Ranges ranges) {
        Set<SubscriptionState> states = readers.getOrDefault(main, Set.of());
        if (states.isEmpty()) {
            return;
        }
        int most = (int) Math.min(Integer.MAX_VALUE, end - start);
        index.get().scan(lane, start, most, (at, entry) -> {
            long offset = index.get().firstAtOrAfter(main, entry.position());
            for (SubscriptionState state : states) {
                Cursor cursor = state.cursors().get(main);
                if (at < end && cursor != null && !cursor.done().isDone(offset)) {
                    ranges.range(at, at + 1);
                    break;
                }
            }
            return at < end;
        });
    }

    @Override
    public void save(DataOutput out) throws IOException {
        filterQueues.save(out);
        out.writeInt(byId.size());
        for (SubscriptionState state : byId.values()) {
            out.writeInt(state.id());
            state.key().write(out);
            ControlRecord.writeText(out, state.attributes());
            out.writeLong(state.unusedSince());
            out.writeInt(state.cursors().size());
            for (Cursor cursor : state.cursors().values()) {
                out.writeLong(cursor.queue());
                out.writeUTF(cursor.filter());
                cursor.done().save(out);
            }
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        filterQueues.load(in);
        byId.clear();
        byKey.clear();
        readers.clear();
        for (int n = in.readInt(); n > 0; n--) {
            SubscriptionState state =
                    new SubscriptionState(in.readInt(), SubscriptionKey.read(in), ControlRecord.readText(in));
            state.unusedSince(in.readLong());
            for (int cursors = in.readInt(); cursors > 0; cursors--) {
                long queue = in.readLong();
                addCursor(state, new Cursor(queue, in.readUTF(), AckState.load(in)));
            }
            put(state);
        }
    }

    private void put(SubscriptionState state) {
        byKey.put(state.key(), state);
        byId.put(state.id(), state);
    }

    private void drop(SubscriptionState state) {
        byKey.remove(state.key());
        byId.remove(state.id());
        List.copyOf(state.cursors().values()).forEach(cursor -> close(state, cursor));
        changes.changed(state, true);
    }

    private void open(SubscriptionState state, String filter) {
        long queue = filterQueues.acquire(filter);
        AckState done = new AckState(index.get().end(queue));
        addCursor(state, new Cursor(queue, filter, done));
    }

    private void addCursor(SubscriptionState state, Cursor cursor) {
        state.cursors().put(cursor.queue(), cursor);
        readers.computeIfAbsent(cursor.queue(), queue -> ConcurrentHashMap.newKeySet(2))
                .add(state);
    }

    private void removeCursor(SubscriptionState state, Cursor cursor) {
        state.cursors().remove(cursor.queue());
        readers.computeIfPresent(cursor.queue(), (queue, states) -> {
            states.remove(state);
            return states.isEmpty() ? null : states;
        });
    }

    private void close(SubscriptionState state, Cursor cursor) {
        removeCursor(state, cursor);
        if (!cursor.filter().isEmpty()) {
            filterQueues.release(cursor.filter());
        }
    }
}
