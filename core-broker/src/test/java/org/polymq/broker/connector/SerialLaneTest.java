/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SerialLaneTest {
    private final SerialLane lane = new SerialLane();

    @Test
    void whatATaskBringsRunsAfterIt() {
        List<String> seen = new ArrayList<>();

        lane.execute(() -> {
            lane.execute(() -> seen.add("second"));
            seen.add(lane.inLane() ? "first" : "outside");
        });

        assertThat(seen).containsExactly("first", "second");
        assertThat(lane.inLane()).isFalse();
    }

    @Test
    void aTaskThatFailsDoesNotKeepTheNextFromRunning() {
        List<String> seen = new ArrayList<>();

        lane.execute(() -> {
            throw new IllegalStateException("this one fails");
        });
        lane.execute(() -> seen.add("next"));

        assertThat(seen).containsExactly("next");
    }

    @Test
    void tasksOfManyThreadsRunOneAtATime() throws InterruptedException {
        int[] count = {0}; // unguarded: the lane is what guards it
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 4; i++) {
            threads.execute(() -> {
                for (int each = 0; each < 10_000; each++) {
                    lane.execute(() -> count[0]++);
                }
            });
        }
        threads.shutdown();

        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        lane.execute(() -> assertThat(count[0]).isEqualTo(40_000));
        assertThat(count[0]).isEqualTo(40_000);
    }
}
