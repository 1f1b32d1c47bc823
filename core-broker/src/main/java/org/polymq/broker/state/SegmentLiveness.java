/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.LongToIntFunction;
import org.polymq.broker.subscription.SubscriptionsView;
import org.polymq.broker.topic.TopicsView;
import org.polymq.storage.Liveness;
import org.polymq.storage.QueueIndex;
import org.polymq.storage.SegmentInfo;
import org.roaringbitmap.RoaringBitmap;

/**
 * What of one segment is live: what the topics' own retention keeps, what subscriptions are not done with, and what
 * other views need by its position. Apply asks it at the record that removes or cleans; retention asks before, to see
 * whether that is worth a record.
 */
final class SegmentLiveness implements Liveness {
    /** Of a message in chunks, which are counted by themselves. */
    private static final int LARGEST_RECORD = 8 << 20;

    private static final int SMALL_RECORD = 1024;

    private final SegmentInfo segment;
    private final Cutoffs cutoffs;
    private final TopicsView topics;
    private final SubscriptionsView subscriptions;
    private final List<Keeper> keepers;
    private final LargeBodies largeBodies;

    SegmentLiveness(
            SegmentInfo segment,
            Cutoffs cutoffs,
            TopicsView topics,
            SubscriptionsView subscriptions,
            List<Keeper> keepers,
            LargeBodies largeBodies) {
        this.segment = segment;
        this.cutoffs = cutoffs;
        this.topics = topics;
        this.subscriptions = subscriptions;
        this.keepers = keepers;
        this.largeBodies = largeBodies;
    }

    @Override
    public void offsets(long queue, long first, long end, Offsets needed) {
        if (cutoffs.keeps(topics.get((int) (queue >>> 16)), segment)) {
            needed.range(first, end);
        } else {
            subscriptions.needed(queue, first, end, needed::range);
        }
    }

    @Override
    public void positions(long start, long end, LongConsumer needed) {
        keepers.forEach(keeper -> keeper.needs(start, end, needed));
    }

    @Override
    public void dependents(long start, long end, LongPredicate kept, LongConsumer needed) {
        largeBodies.keepOrForget(start, end, kept, needed);
    }

    /** Whether nothing of the segment is live. */
    boolean isDead(QueueIndex index) {
        boolean[] live = {false};
        index.forEachQueueIn(segment.number(), (queue, first, end) -> {
            offsets(queue, first, end, (from, to) -> live[0] = true);
            return !live[0];
        });
        for (int i = 0; i < keepers.size() && !live[0]; i++) {
            keepers.get(i).needs(segment.start(), segment.end(), position -> live[0] = true);
        }
        return !live[0];
    }

    /**
     * Whether fewer than so many bytes of the segment are live; stops counting there. Not for apply: it does not look
     * at what rests on live records.
     *
     * @param sizes gives the size of the record at a position, bytes
     */
    boolean hasLessThan(long bytes, QueueIndex index, LongToIntFunction sizes) {
        Count count = new Count(bytes);
        index.forEachQueueIn(segment.number(), (queue, first, end) -> {
            offsets(queue, first, end, (from, to) -> {
                int most = (int) Math.min(Integer.MAX_VALUE, to - from);
                index.scan(
                        queue, from, most, (offset, entry) -> offset < to && count.add(entry.position(), entry.size()));
            });
            return !count.isOver();
        });
        for (Keeper keeper : keepers) {
            keeper.needs(segment.start(), segment.end(), position -> {
                if (!count.isOver()) {
                    count.add(position, sizes.applyAsInt(position));
                }
            });
        }
        largeBodies.ofMessagesIn(segment.start(), segment.end(), position -> {
            if (!count.isOver()) {
                count.add(position, sizes.applyAsInt(position));
            }
        });
        return !count.isOver();
    }

    /** Adds up records, each once. */
    private final class Count {
        private final RoaringBitmap seen = new RoaringBitmap();
        private final long limit;
        private long bytes;

        Count(long limit) {
            this.limit = limit;
        }

        boolean add(long position, int size) {
            if (seen.checkedAdd((int) (position - segment.start()))) {
                bytes += size > LARGEST_RECORD ? SMALL_RECORD : size;
            }
            return !isOver();
        }

        boolean isOver() {
            return bytes >= limit;
        }
    }
}
