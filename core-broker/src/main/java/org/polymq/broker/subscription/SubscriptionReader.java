/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.filter.Filter;
import org.polymq.storage.QueueIndex;

/**
 * Finds the next message for the consumers of one selector, by rank: among what came back and what nobody took yet. It
 * has its own position, so that what does not match is looked at once. Guarded by its dispatcher's monitor.
 */
final class SubscriptionReader {
    /** Of groups with more, the one that was quiet for longest may change its consumer. */
    private static final int MOST_GROUPS = 65_536;

    private final @Nullable Filter filter;
    private final List<CursorReader> cursors = new ArrayList<>();
    /** What came back below this rank does not match. */
    private long returnedFrom;

    private int users;
    private int leftAt;
    /** Which consumer gets the messages of a group, by the hash of its key. */
    private final Map<Integer, DurableConsumer> owners = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, DurableConsumer> eldest) {
            boolean tooMany = size() > MOST_GROUPS;
            if (tooMany) {
                eldest.getValue().groups(-1);
            }
            return tooMany;
        }
    };

    /** The consumer of a message's group; if the group has none yet, one that is chosen. */
    DurableConsumer ownerOf(int group, Supplier<DurableConsumer> choice) {
        DurableConsumer owner = owners.get(group);
        if (owner == null) {
            owner = choice.get();
            owner.groups(1);
            owners.put(group, owner);
        }
        return owner;
    }

    /** A consumer's groups are anybody's. */
    void disown(DurableConsumer consumer) {
        owners.values().removeIf(owner -> owner == consumer);
    }

    SubscriptionReader(@Nullable Filter filter) {
        this.filter = filter;
    }

    @Nullable
    Filter filter() {
        return filter;
    }

    void join() {
        users++;
    }

    /** Whether it is of no more use. */
    boolean leave() {
        return --users == 0;
    }

    /** When the last user left, by the clock of {@link Readers}. */
    int leftAt() {
        return leftAt;
    }

    void leftAt(int age) {
        leftAt = age;
    }

    /** How many queues it reads. */
    int queues() {
        return cursors.size();
    }

    void open(CursorReader cursor) {
        cursors.add(cursor);
    }

    void close(long queue) {
        cursors.removeIf(cursor -> cursor.queue() == queue);
    }

    /** Something came back. */
    void returned(long rank) {
        returnedFrom = Math.min(returnedFrom, rank);
    }

    /**
     * Takes the next message that matches.
     *
     * @param returned what came back, by rank
     * @param below the log position from which on nothing may be read yet
     * @return null if there is none, or the search may not go on
     */
    @Nullable
    Delivery next(NavigableMap<Long, Delivery> returned, long below, Search search) {
        while (true) {
            CursorReader lowest = lowest(below);
            long first = lowest == null ? Long.MAX_VALUE : lowest.rank();
            Map.Entry<Long, Delivery> back =
                    filter == null ? returned.firstEntry() : returned.ceilingEntry(returnedFrom);
            if (back != null && back.getKey() < first) {
                Delivery delivery = back.getValue();
                if (filter == null
                        || search.matches(filter, delivery.position(), delivery.flags(), delivery.expiresAt())) {
                    returned.remove(back.getKey());
                    return delivery;
                }
                if (search.isOver()) {
                    return null;
                }
                returnedFrom = back.getKey() + 1;
                continue;
            }
            if (lowest == null) {
                return null;
            }
            QueueIndex.Entry head = lowest.head();
            if (filter == null || search.matches(filter, head.position(), head.flags(), head.expiresAt())) {
                return take(lowest, search);
            }
            if (search.isOver()) {
                return null;
            }
            skip(head.position());
        }
    }

    private @Nullable CursorReader lowest(long below) {
        CursorReader lowest = null;
        for (CursorReader cursor : cursors) {
            if (cursor.hasNext(below) && (lowest == null || cursor.rank() < lowest.rank())) {
                lowest = cursor;
            }
        }
        return lowest;
    }

    private void skip(long position) {
        for (CursorReader cursor : cursors) {
            if (cursor.isAt(position)) {
                cursor.skip();
            }
        }
    }

    /** Takes the message at this cursor's head, from every cursor that has it. */
    private Delivery take(CursorReader lowest, Search search) {
        QueueIndex.Entry head = lowest.head();
        long position = head.position();
        int size = head.size();
        int flags = head.flags();
        long expiresAt = head.expiresAt();
        int count = lowest.count();
        long[] spots = {lowest.queue(), lowest.offset()};
        lowest.take();
        if (cursors.size() > 1) {
            spots = withOtherSpots(position, spots);
        }
        return new Delivery(search.messages(), position, size, flags, expiresAt, spots, count + 1, null);
    }

    private long[] withOtherSpots(long position, long[] first) {
        long[] spots = first;
        for (CursorReader cursor : cursors) {
            if (cursor.isAt(position)) {
                long[] longer = Arrays.copyOf(spots, spots.length + 2);
                longer[spots.length] = cursor.queue();
                longer[spots.length + 1] = cursor.offset();
                spots = longer;
                cursor.take();
            }
        }
        return spots;
    }
}
