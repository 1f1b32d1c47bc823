/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.polymq.broker.stats.Growth;
import org.polymq.broker.stats.Meter;
import org.polymq.broker.stats.Meters;
import org.polymq.broker.timer.Timers;

/**
 * What RocketMQ's tools ask for as statistics: messages stored by topic (of all protocols), messages given to native
 * groups, messages handed back. Safe from any thread; sampled by one.
 */
final class NativeStats {
    private static final Growth NOTHING = new Growth(0, 0, 0);

    /** What a group reads of a topic. */
    record GroupTopic(String group, int topicId) {}

    private record GroupQueue(String group, long queue) {}

    private enum Wait {
        BEGUN,
        ENDED
    }

    private enum Pull {
        FOUND,
        MISSED
    }

    private final InstantSource clock;
    private final Meters<Integer> stored;
    private final Meters<GroupTopic> delivered;
    private final Meters<GroupTopic> handedBack;
    private final Meters<Pull> pulls;
    private final Timers timers;
    private final Meters<Wait> waits;
    private long stagedBefore;
    private long endedBefore;
    private final Map<GroupQueue, Long> pulled = new ConcurrentHashMap<>();
    private final LongAdder refusedSends = new LongAdder();
    private final Mornings storedMornings = new Mornings();
    private final Mornings deliveredMornings = new Mornings();

    /** {@code stored} is the core's, by topic id, sampled there. */
    NativeStats(Meters<Integer> stored, Timers timers, InstantSource clock) {
        this.stored = stored;
        this.timers = timers;
        this.stagedBefore = timers.staged();
        this.endedBefore = timers.ended();
        this.waits = new Meters<>(clock);
        this.clock = clock;
        this.delivered = new Meters<>(clock);
        this.handedBack = new Meters<>(clock);
        this.pulls = new Meters<>(clock);
    }

    /** A group was given messages of a topic. */
    void delivered(String group, int topicId, int messages, long bytes) {
        delivered.add(new GroupTopic(group, topicId), messages, bytes);
        pulls.add(Pull.FOUND, 1, 0);
    }

    /** A member of a group was given the messages of a queue below an offset. */
    void pulled(String group, long queue, long below) {
        pulled.put(new GroupQueue(group, queue), below);
    }

    /** Up to where a queue was given to a group's members, or -1 if it was not. */
    long pulledBelow(String group, long queue) {
        return pulled.getOrDefault(new GroupQueue(group, queue), -1L);
    }

    /** Forgets what was given to groups that have no members any more. */
    void forgetPulled(Predicate<String> online) {
        pulled.keySet().removeIf(key -> !online.test(key.group()));
    }

    /** A producer's send was refused. */
    void sendRefused() {
        refusedSends.increment();
    }

    long refusedSends() {
        return refusedSends.sum();
    }

    /** A pull found nothing. */
    void missed() {
        pulls.add(Pull.MISSED, 1, 0);
    }

    /** A group handed a message of a topic back. */
    void handedBack(String group, int topicId) {
        handedBack.add(new GroupTopic(group, topicId), 1, 0);
    }

    Meters<Integer> stored() {
        return stored;
    }

    Meters<GroupTopic> delivered() {
        return delivered;
    }

    Meters<GroupTopic> handedBack() {
        return handedBack;
    }

    /** Pulls that found messages. */
    Rates found() {
        return rates(pulls, Pull.FOUND);
    }

    /** Pulls that found none. */
    Rates missedPulls() {
        return rates(pulls, Pull.MISSED);
    }

    /** How often per second in the last ten seconds, minute and ten minutes: RocketMQ's three figures. */
    record Rates(Growth tenSeconds, Growth minute, Growth hour) {
        String text() {
            return tenSeconds.perSecond() + " " + minute.perSecond() + " " + hour.perSecond();
        }

        Rates plus(Rates other) {
            return new Rates(plus(tenSeconds, other.tenSeconds), plus(minute, other.minute), plus(hour, other.hour));
        }

        private static Growth plus(Growth one, Growth other) {
            return new Growth(
                    one.count() + other.count(), one.bytes() + other.bytes(), Math.max(one.millis(), other.millis()));
        }
    }

    private <K> Rates rates(Meters<K> meters, K key) {
        return meters.find(key).map(this::rates).orElse(new Rates(NOTHING, NOTHING, NOTHING));
    }

    Rates rates(Meter meter) {
        long now = now();
        return new Rates(meter.tenSeconds(now), meter.minute(now), meter.hour(now));
    }

    /** Messages of a topic per second, stored in the last minute. */
    double storedPerSecond(int topicId) {
        return stored.find(topicId)
                .map(meter -> meter.minute(now()).perSecond())
                .orElse(0.0);
    }

    /** Messages of a topic per second, given to a group in the last minute. */
    double deliveredPerSecond(String group, int topicId) {
        return delivered
                .find(new GroupTopic(group, topicId))
                .map(meter -> meter.minute(now()).perSecond())
                .orElse(0.0);
    }

    long now() {
        return clock.millis();
    }

    private void sampleTimers() {
        long staged = timers.staged();
        long ended = timers.ended();
        waits.add(Wait.BEGUN, staged - stagedBefore, 0);
        waits.add(Wait.ENDED, ended - endedBefore, 0);
        stagedBefore = staged;
        endedBefore = ended;
        waits.sample();
    }

    /** Delayed messages that came, each second of the last minute. */
    double timersBegunPerSecond() {
        return rates(waits, Wait.BEGUN).minute().perSecond();
    }

    /** Delayed messages that were delivered or recalled, each second of the last minute. */
    double timersEndedPerSecond() {
        return rates(waits, Wait.ENDED).minute().perSecond();
    }

    /** Totals as they were at midnight. */
    Mornings storedMornings() {
        return storedMornings;
    }

    /** Totals as they were at midnight. */
    Mornings deliveredMornings() {
        return deliveredMornings;
    }

    /** To be called every 10 s by one thread. */
    void sample() {
        delivered.sample();
        handedBack.sample();
        pulls.sample();
        sampleTimers();
        LocalDate today = LocalDate.ofInstant(Instant.ofEpochMilli(now()), ZoneId.systemDefault());
        storedMornings.day(today, stored.all().count());
        deliveredMornings.day(today, delivered.all().count());
    }

    /** A total as it was when today and yesterday began, counted since the start. */
    static final class Mornings {
        private LocalDate day = LocalDate.MIN;
        private long today;
        private long yesterday;

        private synchronized void day(LocalDate now, long total) {
            if (day.equals(LocalDate.MIN)) {
                day = now;
            } else if (!day.equals(now)) {
                yesterday = today;
                today = total;
                day = now;
            }
        }

        synchronized long today() {
            return today;
        }

        synchronized long yesterday() {
            return yesterday;
        }
    }
}
