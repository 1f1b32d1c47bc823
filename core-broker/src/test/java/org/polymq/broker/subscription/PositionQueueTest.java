/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PositionQueueTest {
    @Test
    void givesBackInTheOrderOfAddingOverGrowthAndWrapAround() {
        Random random = new Random(42);
        PositionQueue queue = new PositionQueue();
        Deque<Long> expected = new ArrayDeque<>();

        for (long n = 0; n < 20_000; n++) {
            if (random.nextInt(100) < 55 || expected.isEmpty()) {
                queue.add(n);
                expected.add(n);
            } else {
                assertThat(queue.take()).isEqualTo(expected.remove());
            }
        }

        while (!expected.isEmpty()) {
            assertThat(queue.take()).isEqualTo(expected.remove());
        }
        assertThat(queue.isEmpty()).isTrue();
    }
}
