/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.InstantSource;
import org.polymq.broker.message.NativeScan;
import org.polymq.broker.timer.Timers;

/**
 * What handlers need to make messages wait.
 *
 * @param brokerName the broker's name in handles
 */
record Delays(Timers timers, DelayLevels levels, String brokerName, InstantSource clock) {
    /** What a message's properties ask for; see {@link Delay#of}. */
    Delay of(NativeScan scan) {
        return Delay.of(scan, levels, clock.millis());
    }

    /** The delay of a message handed back. */
    Delay ofRetry(int asked, int reconsumeTimes) {
        return Delay.level(levels.ofRetry(asked, reconsumeTimes), levels, clock.millis());
    }
}
