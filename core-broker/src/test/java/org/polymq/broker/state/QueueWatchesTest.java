/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QueueWatchesTest {
    private final QueueWatches watches = new QueueWatches();
    private final AtomicInteger wakes = new AtomicInteger();

    @Test
    void wakesAWatcherThatCameBetweenTwoMessagesOfOneEntry() {
        watches.touch(7);
        watches.add(7, wakes::incrementAndGet);
        watches.touch(7);
        watches.wake();

        assertThat(wakes).hasValue(1);
    }

    @Test
    void wakesEachWatcherOnceForABurstAndNobodyForTheNextEntry() {
        QueueWatches.Watcher watcher = wakes::incrementAndGet;
        watches.add(7, watcher);
        for (int i = 0; i < 100; i++) {
            watches.touch(7);
        }
        watches.wake();
        watches.wake();
        watches.remove(7, watcher);
        watches.touch(7);
        watches.wake();

        assertThat(wakes).hasValue(1);
    }

    @Test
    void aWatcherThatFailsDoesNotKeepTheOthersAsleep() {
        watches.add(7, () -> {
            throw new IllegalStateException("no lane");
        });
        watches.add(7, wakes::incrementAndGet);
        watches.touch(7);
        watches.wake();

        assertThat(wakes).hasValue(1);
    }
}
