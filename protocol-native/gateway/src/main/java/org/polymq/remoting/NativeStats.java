/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import org.polymq.broker.stats.Growth;
import org.polymq.broker.stats.Meter;
import org.polymq.broker.stats.Meters;

/**
 * What RocketMQ's tools ask for as statistics: messages stored by topic (of all protocols), messages given to native
 * groups, messages handed back. Safe from any thread; sampled by one.
 */
final class NativeStats {
    private static final Growth NOTHING = new Growth(0, 0, 0);

    /** What a group reads of a topic. */
    record GroupTopic(String group, int topicId) {}

    private enum Pull {
        FOUND,
        MISSED
    }

    private final InstantSource clock;
    private final Meters<Integer> stored;
    private final Meters<GroupTopic> delivered;
    private final Meters<GroupTopic> handedBack;
    private final Meters<Pull> pulls;
    private final Mornings storedMornings = new Mornings();
    private final Mornings deliveredMornings = new Mornings();

    /** {@code stored} is the core's, by topic id, sampled there. */
    NativeStats(Meters<Integer> stored, InstantSource clock) {
        this.stored = stored;
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
