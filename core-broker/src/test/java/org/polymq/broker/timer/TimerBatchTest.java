/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimerBatchTest {
    private static final int ENTRY = 64 << 10;
    /** What the log adds to an entry, and to each record of it. */
    private static final int HEADER = 56;

    private static final int FRAME = 8;

    @Test
    void takesNoMoreThanTheEntryHolds() {
        Deque<PendingTimer> due = due(1_000);
        int taken = 0;

        while (!due.isEmpty()) {
            int before = due.size();
            TimerBatch batch = TimerBatch.next(due, timer -> message(1_000), TimerBatch.mostBytes(ENTRY));
            taken += before - due.size();
            assertThat(entry(batch)).isLessThanOrEqualTo(ENTRY);
            assertThat(batch.bytes()).isGreaterThanOrEqualTo(entry(batch) - HEADER);
            assertThat(batch.records()).hasSize(2 * (before - due.size()));
        }

        assertThat(taken).isEqualTo(1_000);
    }

    @Test
    void takesALimitedNumberOfSmallOnes() {
        Deque<PendingTimer> due = due(2_000);

        TimerBatch batch = TimerBatch.next(due, timer -> message(1), TimerBatch.mostBytes(8 << 20));

        assertThat(batch.records()).hasSize(1_024);
        assertThat(due).hasSize(2_000 - 512);
        assertThat(due.element()).isEqualTo(new PendingTimer(512, 512));
    }

    @Test
    void takesTheLargestMessageAlone() {
        Deque<PendingTimer> due = due(3);
        int largest = TimerBatch.largestMessage(ENTRY);

        TimerBatch batch = TimerBatch.next(due, timer -> message(largest), TimerBatch.mostBytes(ENTRY));

        assertThat(due).hasSize(2);
        assertThat(entry(batch)).isLessThanOrEqualTo(ENTRY);
        assertThat(TimerBatch.next(due(3), timer -> message(1 << 20), 1_000).records())
                .hasSize(2);
    }

    @Test
    void endsTheWaitOfALostMessageWithTheOthers() {
        Deque<PendingTimer> due = due(3);

        TimerBatch batch = TimerBatch.next(due, timer -> timer.due() == 1 ? null : message(10), 1_000);

        assertThat(batch.records()).extracting(ByteBuffer::remaining).isEqualTo(List.of(17, 10, 17, 17, 10));
        assertThat(batch.due()).isZero();
    }

    @Test
    void leavesATimerThatCannotBeReadWithThoseDue() {
        Deque<PendingTimer> due = due(2);

        assertThatThrownBy(() -> TimerBatch.next(
                        due,
                        timer -> {
                            throw new IllegalStateException("unreadable");
                        },
                        1_000))
                .isInstanceOf(IllegalStateException.class);

        assertThat(due).hasSize(2);
    }

    private static Deque<PendingTimer> due(int count) {
        Deque<PendingTimer> due = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            due.add(new PendingTimer(i, i));
        }
        return due;
    }

    private static ByteBuffer message(int size) {
        return ByteBuffer.allocate(size);
    }

    private static int entry(TimerBatch batch) {
        int bytes = HEADER;
        for (ByteBuffer record : batch.records()) {
            bytes += FRAME + record.remaining();
        }
        return (bytes + 7) & ~7;
    }
}
