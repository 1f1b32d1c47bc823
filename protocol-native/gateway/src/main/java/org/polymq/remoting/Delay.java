/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.List;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.NativeScan;

/**
 * Until when a native message waits, and by what.
 *
 * @param due ms since the epoch
 * @param byLevel whether a delay level says so; else one of the timer properties
 */
record Delay(long due, boolean byLevel) {
    private static final List<String> TIMER_PROPERTIES = List.of(
            NativeNames.TIMER_DELIVER_MS,
            NativeNames.TIMER_DELAY_MS,
            NativeNames.TIMER_DELAY_SEC,
            NativeNames.START_DELIVER_TIME);

    /** A message that does not wait. */
    static final Delay NONE = new Delay(0, false);

    /** What a message's properties ask for; a level counts before a delay, and that before a time. */
    static Delay of(NativeScan scan, DelayLevels levels, long now) {
        if (scan.delayLevel() > 0) {
            return level(scan.delayLevel(), levels, now);
        }
        long due = scan.timerDelayMs() > 0 ? now + scan.timerDelayMs() : scan.timerDeliverAt();
        return due > now ? new Delay(due, false) : NONE;
    }

    static Delay level(int level, DelayLevels levels, long now) {
        return new Delay(now + levels.millis(level), true);
    }

    boolean isNone() {
        return due == 0;
    }

    /**
     * The properties with which consumers see the message when it is due, as RocketMQ's broker leaves them: a level's
     * message says where it was sent, a timer's when it was due.
     */
    String properties(String sent, String nativeTopic, int queueId) {
        if (!byLevel) {
            return NativeProperties.with(sent, NativeNames.TIMER_OUT_MS, Long.toString(due));
        }
        String properties = NativeProperties.without(sent, NativeNames.DELAY);
        for (String timer : TIMER_PROPERTIES) {
            properties = NativeProperties.without(properties, timer);
        }
        properties = NativeProperties.with(properties, NativeNames.REAL_TOPIC, nativeTopic);
        return NativeProperties.with(properties, NativeNames.REAL_QUEUE, Integer.toString(queueId));
    }
}
