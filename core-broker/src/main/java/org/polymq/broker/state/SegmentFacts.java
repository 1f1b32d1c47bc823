/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.DataInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.subscription.SubscriptionsView;
import org.polymq.broker.topic.TopicsView;
import org.polymq.storage.Log;
import org.polymq.storage.SegmentInfo;

/**
 * The removal and the cleaning of whole segments, as retention proposes them and every node applies them. Applied under
 * the log's lock.
 */
final class SegmentFacts {
    private final TopicsView topics;
    private final SubscriptionsView subscriptions;
    private final List<Keeper> keepers;
    private final LargeBodies largeBodies;
    private final Supplier<Log> log;

    /** @param log is asked for with the first record, when the views are attached to it */
    SegmentFacts(
            TopicsView topics,
            SubscriptionsView subscriptions,
            List<Keeper> keepers,
            LargeBodies largeBodies,
            Supplier<Log> log) {
        this.topics = topics;
        this.subscriptions = subscriptions;
        this.keepers = List.copyOf(keepers);
        this.largeBodies = largeBodies;
        this.log = log;
    }

    /** The record that asks for it. */
    static ByteBuffer record(RecordType type, SegmentInfo segment, Cutoffs cutoffs) {
        return ControlRecord.of(type, out -> {
            out.writeLong(segment.number());
            out.writeLong(segment.start());
            out.writeLong(segment.end());
            cutoffs.write(out);
        });
    }

    /** What of a segment is live. For apply, and from any thread to see whether a record is worth it. */
    SegmentLiveness livenessOf(SegmentInfo segment, Cutoffs cutoffs) {
        return new SegmentLiveness(segment, cutoffs, topics, subscriptions, keepers, largeBodies);
    }

    /** Answers whether the segment is gone; it is not if something in it is live. */
    Object applyRemoved(long position, DataInput in) throws IOException {
        long number = in.readLong();
        long start = in.readLong();
        long end = in.readLong();
        Cutoffs cutoffs = Cutoffs.read(in);
        SegmentInfo segment = sealed(number);
        // In recovery its files may be gone already, or cleaned by a later record: then this one was refused.
        if (segment != null
                && (segment.cleanedAt() > position
                        || !livenessOf(segment, cutoffs).isDead(log.get().index()))) {
            return false;
        }
        largeBodies.forgetIn(start, end);
        log.get().removeSegment(number);
        return true;
    }

    /** Answers how many records are kept; -1 if there is no such segment. */
    Object applyCleaned(long position, DataInput in) throws IOException {
        SegmentInfo segment = sealed(in.readLong());
        in.readLong();
        in.readLong();
        Cutoffs cutoffs = Cutoffs.read(in);
        return segment == null ? -1 : log.get().cleanSegment(segment.number(), position, livenessOf(segment, cutoffs));
    }

    private @Nullable SegmentInfo sealed(long number) {
        for (SegmentInfo each : log.get().sealedSegments()) {
            if (each.number() == number) {
                return each;
            }
        }
        return null;
    }
}
