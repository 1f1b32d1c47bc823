/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.topic.Topic;
import org.polymq.storage.Log;
import org.polymq.storage.SegmentInfo;
import org.polymq.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes segments in which nothing is live any more, and cleans those in which little is. It only proposes: what is
 * live is decided where the record is applied, so that recovery and replicas do the same. Runs on one thread at a time.
 */
public final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    /** A segment is cleaned if less of it is live, in percent. */
    private static final int CLEAN_BELOW_PERCENT = 20;
    /** Segments looked into in one run; what a subscription frees in a big log may wait for the next. */
    private static final int CLEANED_PER_RUN = 64;

    private final Log log;
    private final Views views;
    private final Committer committer;
    private final InstantSource clock;
    private final LongSupplier usableSpace;
    private volatile Settings settings;
    private final AtomicLong removed = new AtomicLong();
    private final AtomicLong cleaned = new AtomicLong();
    private final AtomicLong freed = new AtomicLong();
    private final AtomicLong early = new AtomicLong();
    /** Segments whose cleaning was asked for, and their bytes then. */
    private final Map<Long, Long> asked = new ConcurrentHashMap<>();

    private volatile boolean belowWatermark;
    /** Up to here the disk took what topics wanted to keep. */
    private long pressedTo;
    /** The newest segment that is counted in {@link #topicFloors}. */
    private long countedTo;

    private Map<Integer, Long> topicFloors = Map.of();
    private int turn;

    /**
     * @param standard how long messages are kept unless their topic says otherwise
     * @param mqtt the same for topics that MQTT made
     * @param mqttSize how much a topic that MQTT made keeps, bytes; 0: no limit
     * @param logSize how much of the log is kept for the topics' own sake, bytes; 0: no limit
     * @param cleanBelow free space below which the oldest segments go before their time, bytes; 0: never
     * @param cleaning whether segments of which little is live are cleaned in place
     */
    public record Settings(
            Duration standard, Duration mqtt, long mqttSize, long logSize, long cleanBelow, boolean cleaning) {
        /** With cleaning. */
        public Settings(Duration standard, Duration mqtt, long mqttSize, long logSize, long cleanBelow) {
            this(standard, mqtt, mqttSize, logSize, cleanBelow, true);
        }

        /** By time only. */
        public Settings(Duration standard, Duration mqtt) {
            this(standard, mqtt, 0, 0, 0);
        }

        /** How often to look: ten times in the shorter time, but neither all the time nor too seldom. */
        public Duration period() {
            long shorter = Math.min(standard.toMillis(), mqtt.toMillis());
            return Duration.ofMillis(Math.max(1_000, Math.min(10_000, shorter / 10)));
        }
    }

    /** @param usableSpace tells the free space of the log's disk, bytes */
    public Retention(
            Log log,
            Views views,
            Committer committer,
            InstantSource clock,
            LongSupplier usableSpace,
            Settings settings) {
        this.log = log;
        this.views = views;
        this.committer = committer;
        this.clock = clock;
        this.usableSpace = usableSpace;
        this.settings = settings;
    }

    /** Other settings hold from the next run on. */
    public void change(Settings changed) {
        settings = changed;
    }

    /** Segments removed since the start. */
    public long removed() {
        return removed.get();
    }

    /** Segments cleaned since the start. */
    public long cleaned() {
        return cleaned.get();
    }

    /** What that freed, bytes; for those cleaned what they had at most. */
    public long freed() {
        return freed.get();
    }

    /** Segments removed before their messages' time, because of the disk or the log's size. */
    public long early() {
        return early.get();
    }

    /** Whether there is less free space than there should be. */
    public boolean isBelowWatermark() {
        return belowWatermark;
    }

    /** Looks once at the sealed segments; answers how many are on their way out whole. */
    public int run() {
        List<SegmentInfo> sealed = log.sealedSegments();
        Cutoffs cutoffs = cutoffs(sealed);
        long removableBelow = log.removableBelow();
        List<SegmentInfo> removable = sealed.stream()
                .filter(segment -> segment.end() <= removableBelow)
                .toList();
        Set<Long> dead = new HashSet<>();
        for (SegmentInfo segment : removable) {
            if (views.segments().livenessOf(segment, cutoffs).isDead(log.index())) {
                dead.add(segment.number());
                remove(segment, cutoffs);
            }
        }
        int looked = settings.cleaning() ? Math.min(CLEANED_PER_RUN, removable.size()) : 0;
        for (int i = 0; i < looked; i++) {
            SegmentInfo segment = removable.get(Math.floorMod(turn++, removable.size()));
            if (!dead.contains(segment.number()) && isWorthCleaning(segment, cutoffs)) {
                clean(segment, cutoffs);
            }
        }
        asked.keySet().retainAll(sealed.stream().map(SegmentInfo::number).toList());
        return dead.size();
    }

    private boolean isWorthCleaning(SegmentInfo segment, Cutoffs cutoffs) {
        Long before = asked.get(segment.number());
        if (before != null && before == segment.bytes()) {
            return false; // on its way
        }
        // What remains of a small one is not worth a file of its own.
        return segment.bytes() * CLEANED_PER_RUN > segment.end() - segment.start()
                && views.segments()
                        .livenessOf(segment, cutoffs)
                        .hasLessThan(segment.bytes() * CLEAN_BELOW_PERCENT / 100, log.index(), this::sizeAt);
    }

    private int sizeAt(long position) {
        try {
            return log.read(position).remaining();
        } catch (StorageException gone) {
            return 0;
        }
    }

    private void remove(SegmentInfo segment, Cutoffs cutoffs) {
        boolean before =
                clock.millis() - segment.lastTime() < settings.standard().toMillis()
                        && segment.end() <= cutoffs.floor();
        propose(RecordType.SEGMENT_REMOVED, segment, cutoffs, answer -> {
            if (Boolean.TRUE.equals(answer)) {
                removed.incrementAndGet();
                freed.addAndGet(segment.bytes());
                early.addAndGet(before ? 1 : 0);
            }
        });
    }

    private void clean(SegmentInfo segment, Cutoffs cutoffs) {
        asked.put(segment.number(), segment.bytes());
        propose(RecordType.SEGMENT_CLEANED, segment, cutoffs, answer -> {
            if (answer instanceof Integer kept && kept >= 0) {
                cleaned.incrementAndGet();
                freed.addAndGet(segment.bytes() * (100 - CLEAN_BELOW_PERCENT) / 100);
            }
        });
    }

    private interface Told {
        void answer(Object answer);
    }

    private void propose(RecordType type, SegmentInfo segment, Cutoffs cutoffs, Told told) {
        ByteBuffer record = SegmentFacts.record(type, segment, cutoffs);
        committer.<Object>control(
                List.of(record),
                Lane.direct(),
                Reply.of(told::answer, refused -> {
                    asked.remove(segment.number());
                    LOG.warn("{} of segment {} is not stored: {}", type, segment.number(), refused.getMessage());
                }),
                results -> results[0]);
    }

    private Cutoffs cutoffs(List<SegmentInfo> sealed) {
        long floor = Math.max(sizeFloor(sealed), diskFloor(sealed));
        countTopics(sealed);
        return new Cutoffs(
                clock.millis(), settings.standard().toMillis(), settings.mqtt().toMillis(), floor, topicFloors);
    }

    /** Below this the log is more than it may be. */
    private long sizeFloor(List<SegmentInfo> sealed) {
        if (settings.logSize() == 0 || sealed.isEmpty()) {
            return 0;
        }
        long left =
                settings.logSize() - (log.end() - sealed.get(sealed.size() - 1).end());
        for (int i = sealed.size() - 1; i >= 0; i--) {
            left -= sealed.get(i).bytes();
            if (left < 0) {
                return sealed.get(i).end();
            }
        }
        return 0;
    }

    /** Below this the disk needs the space, whatever topics want to keep; the longer it lasts, the more. */
    private long diskFloor(List<SegmentInfo> sealed) {
        long missing = settings.cleanBelow() == 0 ? 0 : settings.cleanBelow() - usableSpace.getAsLong();
        boolean below = missing > 0;
        if (below != belowWatermark) {
            belowWatermark = below;
            if (below) {
                LOG.warn(
                        "The disk has less than {} bytes left: old segments go before their time, but for what is live",
                        settings.cleanBelow());
            } else {
                LOG.info("The disk has {} bytes left again", settings.cleanBelow() - missing);
            }
        }
        for (SegmentInfo segment : sealed) {
            if (missing <= 0) {
                break;
            }
            if (segment.end() > pressedTo) {
                pressedTo = segment.end();
                missing -= segment.bytes();
            }
        }
        return below ? pressedTo : 0;
    }

    /** Finds where the topics that MQTT made become too large; once for each segment sealed. */
    private void countTopics(List<SegmentInfo> sealed) {
        long newest = sealed.isEmpty() ? 0 : sealed.get(sealed.size() - 1).number();
        if (settings.mqttSize() == 0 || newest == countedTo) {
            return;
        }
        countedTo = newest;
        Map<Integer, Long> bytes = new HashMap<>();
        Map<Integer, Long> floors = new HashMap<>();
        long now = clock.millis();
        for (int i = sealed.size() - 1; i >= 0; i--) {
            SegmentInfo segment = sealed.get(i);
            if (now - segment.lastTime() > settings.mqtt().toMillis()) {
                continue; // only topics that say so keep it
            }
            log.index().forEachQueueIn(segment.number(), (queue, first, end) -> {
                Topic topic = views.topics().get((int) (queue >>> 16));
                if (topic != null
                        && topic.origin() == Topic.Origin.MQTT
                        && topic.retentionMillis() == 0
                        && !floors.containsKey(topic.id())) {
                    long sum = bytes.merge(topic.id(), log.index().bytesIn(segment.number(), queue), Long::sum);
                    if (sum > settings.mqttSize()) {
                        floors.put(topic.id(), segment.end());
                    }
                }
                return true;
            });
        }
        topicFloors = floors;
    }
}
