/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AckStateTest {
    @Test
    void keepsAnAcknowledgedOffsetUntilTheGapBelowItCloses() {
        AckState state = new AckState(0);

        state.finish(1, 2);
        assertThat(state.floor()).isZero();
        assertThat(state.isDone(1)).isTrue();
        assertThat(state.isDone(0)).isFalse();

        state.finish(0, 1);
        assertThat(state.floor()).isEqualTo(2);
    }

    @Test
    void countsWhatIsNotDone() {
        AckState state = new AckState(10);

        state.finish(12, 15);

        assertThat(state.pending(20)).isEqualTo(7);
        assertThat(state.isDone(12, 15)).isTrue();
        assertThat(state.isDone(11, 13)).isFalse();
    }

    @Test
    void doingTwiceWhatIsDoneChangesNothing() {
        AckState state = new AckState(0);

        state.finish(0, 5);
        state.finish(2, 4);
        state.finish(0, 5);

        assertThat(state.floor()).isEqualTo(5);
        assertThat(state.pending(5)).isZero();
    }

    @Test
    void forgetsTheCountOfWhatIsDone() {
        AckState state = new AckState(0);

        state.count(3, 2);
        assertThat(state.count(3)).isEqualTo(2);

        state.finish(3, 4);
        assertThat(state.count(3)).isZero();
    }

    @Test
    void knowsWhatWaitsUntilItIsDoneOrComesAtOnce() throws IOException {
        AckState state = new AckState(0);
        state.waits(3, 1_000);
        state.waits(4, 2_000);
        state.waits(5, 3_000);
        state.waits(6, 4_000);

        state.finish(4, 5);
        state.waits(5, 0);

        assertThat(state.waitingLongerThan(999)).containsExactly(entry(3L, 1_000L), entry(6L, 4_000L));
        assertThat(reloaded(state).waitingLongerThan(1_000)).containsExactly(entry(6L, 4_000L));
        assertThat(state.copyForReading().waitingLongerThan(4_000)).isEmpty();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithASetOverARandomRun(long seed) throws IOException {
        Random random = new Random(seed);
        long start = seed * 3_000_000_000L;
        AckState state = new AckState(start);
        TreeSet<Long> open = new TreeSet<>();
        for (long offset = start; offset < start + 500; offset++) {
            open.add(offset);
        }
        while (!open.isEmpty()) {
            long from = start + random.nextInt(500);
            long to = Math.min(from + 1 + random.nextInt(20), start + 500);
            state.finish(from, to);
            open.subSet(from, to).clear();
            if (random.nextInt(5) == 0) {
                state = reloaded(state);
            }

            assertThat(state.pending(start + 500)).isEqualTo(open.size());
            assertThat(state.floor()).isEqualTo(open.isEmpty() ? start + 500 : open.first());
            for (long offset = start; offset < start + 500; offset++) {
                assertThat(state.isDone(offset)).isEqualTo(!open.contains(offset));
            }
        }
    }

    private static AckState reloaded(AckState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.save(new DataOutputStream(bytes));
        return AckState.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }
}
