/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.topic.Topic;
import org.polymq.storage.Log;
import org.polymq.storage.SegmentInfo;

/**
 * Removes whole segments in which nothing is live any more. A message is live while its topic's retention, a durable
 * subscription, a retained entry or an unfinished QoS 2 packet needs it. Removal is a record in the log, so that
 * recovery does the same.
 */
public final class Retention {
    private final Log log;
    private final Views views;
    private final Committer committer;
    private final InstantSource clock;
    private final Settings settings;

    /**
     * @param standard how long messages are kept unless their topic says otherwise
     * @param mqtt the same for topics that MQTT made
     */
    public record Settings(Duration standard, Duration mqtt) {}

    public Retention(Log log, Views views, Committer committer, InstantSource clock, Settings settings) {
        this.log = log;
        this.views = views;
        this.committer = committer;
        this.clock = clock;
        this.settings = settings;
    }

    /** Looks once at every sealed segment; answers how many are on their way out. */
    public int run() {
        int removed = 0;
        long removableBelow = log.removableBelow();
        for (SegmentInfo segment : log.sealedSegments()) {
            if (segment.end() <= removableBelow && !isLive(segment)) {
                long number = segment.number();
                committer.<Boolean>control(
                        List.of(ControlRecord.of(RecordType.SEGMENT_REMOVED, out -> out.writeLong(number))),
                        Lane.direct(),
                        Reply.of(done -> {}, refused -> {}),
                        results -> true);
                removed++;
            }
        }
        return removed;
    }

    private boolean isLive(SegmentInfo segment) {
        long age = clock.millis() - segment.lastTime();
        boolean[] live = {false};
        log.index().forEachQueueIn(segment.number(), (queue, firstOffset, count) -> {
            live[0] = live[0]
                    || retentionOf(queue) > age
                    || views.subscriptions().needs(queue, firstOffset, firstOffset + count);
        });
        return live[0]
                || views.halfMessages().anyIn(segment.start(), segment.end())
                || views.preparedBranches().anyIn(segment.start(), segment.end())
                || views.needed().anyIn(segment.start(), segment.end())
                || views.largeBodies().needsAny(segment.start(), segment.end())
                || views.sessions().anyOutboundAt(position -> isIn(segment, position));
    }

    private long retentionOf(long queue) {
        Topic topic = views.topics().get((int) (queue >>> 16));
        if (topic == null) {
            return 0;
        }
        if (topic.retentionMillis() > 0) {
            return topic.retentionMillis();
        }
        return (topic.origin() == Topic.Origin.MQTT ? settings.mqtt() : settings.standard()).toMillis();
    }

    private static boolean isIn(SegmentInfo segment, long position) {
        return position >= segment.start() && position < segment.end();
    }
}
