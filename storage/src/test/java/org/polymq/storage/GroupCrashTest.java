/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random work on a group's log over a disk that crashes at random places. Whatever segments are removed meanwhile, each
 * start finds the entries that this node's engine may ask for, and the messages of the segments that were not removed.
 */
class GroupCrashTest {
    private static final int QUEUES = 3;

    /** An entry as the group has it. */
    private record Agreed(GroupEntry entry, long message, Set<Long> removed) {
        GroupEntry copy() {
            return new GroupEntry(
                    entry.index(), entry.term(), entry.kind(), entry.body().duplicate());
        }
    }

    private static final class Counts {
        private int crashes;
        private int removed;
        private int held;
    }

    /** One seed. */
    private static final class Run {
        private final long seed;
        private final Counts counts;
        private final Random random;
        private final SimulatedDisk disk = new SimulatedDisk();
        private final ManualWorkers workers;
        private final LogConfig config;
        private final List<Agreed> agreed = new ArrayList<>();
        private TestMachine machine = new TestMachine();
        private long term;
        private long committed;
        private long stored;
        private long kept = 1;
        private long nextMessage;
        private long failpointIn = Long.MAX_VALUE;

        Run(long seed, Counts counts) {
            this.seed = seed;
            this.counts = counts;
            random = new Random(seed * 0x9e3779b97f4a7c15L);
            workers = new ManualWorkers(seed);
            FlushMode flush = random.nextBoolean() ? FlushMode.SYNC : FlushMode.ASYNC;
            config = new LogConfig(Path.of("/group"), 4096, flush, Duration.ofMillis(200), 2048, 0);
        }

        void run() throws IOException {
            for (int life = 0; life < 6; life++) {
                arm();
                try {
                    live();
                } catch (SimulatedCrash e) {
                    counts.crashes++;
                }
                failpointIn = Long.MAX_VALUE;
                if (random.nextBoolean()) {
                    disk.cutPower(random);
                    stored = config.flush() == FlushMode.SYNC ? stored : 0;
                } else {
                    disk.killProcess();
                }
            }
            try (Log log = open()) {
                check(log);
            }
        }

        private void arm() {
            if (random.nextBoolean()) {
                disk.crashIn(random.nextInt(400), random.nextLong());
            } else {
                failpointIn = random.nextInt(400);
            }
        }

        private void hit(Failpoints.Point point) {
            if (failpointIn-- <= 0) {
                disk.killProcess();
                throw new SimulatedCrash(point.name());
            }
        }

        private Log open() throws IOException {
            machine = new TestMachine();
            return Log.open(
                    config,
                    disk,
                    () -> Instant.ofEpochMilli(1_000_000 + workers.millis()),
                    this::hit,
                    machine,
                    workers.environment(),
                    true);
        }

        private void live() throws IOException {
            Log log = open();
            check(log);
            term++; // and the one before may have left entries here that nobody else has
            for (int steps = random.nextInt(400); steps > 0; steps--) {
                step(log);
            }
            if (random.nextInt(3) == 0) {
                log.close();
            }
        }

        private void step(Log log) {
            GroupLog group = log.group();
            switch (random.nextInt(14)) {
                case 0, 1 -> workers.flush();
                case 2, 3 -> workers.work();
                case 4 -> workers.advance(random.nextInt(300));
                case 5, 6 -> apply(group, committed + random.nextInt((int) (agreed.size() - committed) + 1));
                case 7 -> {
                    if (random.nextInt(5) == 0) {
                        cut(group);
                    }
                }
                case 8 -> {
                    if (random.nextInt(10) == 0) {
                        kept += random.nextInt((int) Math.max(1, group.appliedIndex() - kept));
                        group.keepFrom(kept);
                    }
                }
                case 9 -> remove(log);
                default -> {
                    long message = nextMessage++;
                    ByteBuffer record = TestMachine.message(message % QUEUES, message, random.nextInt(300));
                    write(group, record, message, Set.of());
                }
            }
        }

        /** Whichever node led knew that its own engine did not need it; this one's may. */
        private void remove(Log log) {
            List<SegmentInfo> sealed = log.sealedSegments().stream()
                    .filter(each -> each.number() + 2 < log.newestSegment())
                    .toList();
            if (!sealed.isEmpty() && log.group().appliedIndex() == agreed.size()) {
                SegmentInfo chosen = sealed.get(random.nextInt(sealed.size()));
                write(log.group(), TestMachine.removeSegment(chosen), -1, messages(log, chosen.start(), chosen.end()));
                counts.removed++;
            }
        }

        private void write(GroupLog group, ByteBuffer record, long message, Set<Long> removed) {
            TestRequest request = TestRequest.message(record);
            ByteBuffer body = EntryBody.encode(
                    List.of(request), EntryFormat.HEADER + EntryFormat.FRAME + record.remaining(), 1_000_000);
            Agreed next = new Agreed(
                    new GroupEntry(agreed.size() + 1L, term, GroupEntry.Kind.MESSAGES, body), message, removed);
            group.write(List.of(next.copy()));
            agreed.add(next);
            stored = agreed.size();
        }

        private void apply(GroupLog group, long to) {
            committed = Math.max(committed, to);
            if (committed > 0) {
                group.apply(committed, null);
            }
        }

        private void cut(GroupLog group) {
            long last = committed + random.nextInt((int) (agreed.size() - committed) + 1);
            stored = Math.min(stored, last);
            group.cutAfter(last);
            agreed.subList((int) last, agreed.size()).clear();
            term++; // another node leads
        }

        /** Compares with what the group has, and takes from it what a power cut took here. */
        private void check(Log log) {
            GroupLog group = log.group();
            group.keepFrom(kept);
            long last = group.lastIndex();
            // One that the group did not agree on may be there: its write, or its cutting off, was interrupted.
            long same = Math.max(kept, group.appliedIndex() + 1) - 1;
            while (same < Math.min(last, agreed.size())
                    && group.term(same + 1) == agreed.get((int) same).entry().term()) {
                same++;
            }
            assertThat(same).as("last entry agreed on, seed %s", seed).isGreaterThanOrEqualTo(stored);
            group.cutAfter(same);
            for (long index = kept; index <= group.lastIndex(); index++) {
                assertThat(group.entry(index))
                        .as("entry %s, seed %s", index, seed)
                        .isEqualTo(agreed.get((int) index - 1).entry());
            }
            for (long index = group.lastIndex() + 1; index <= agreed.size(); index++) {
                group.write(List.of(agreed.get((int) index - 1).copy()));
            }
            stored = agreed.size();
            counts.held += log.start() > 0 && group.entry(1) != null ? 1 : 0;
            apply(group, committed);
            Set<Long> expected = new TreeSet<>();
            for (Agreed each : agreed.subList(0, (int) committed)) {
                if (each.message() >= 0) {
                    expected.add(each.message());
                }
                expected.removeAll(each.removed());
            }
            assertThat(messages(log, 0, Long.MAX_VALUE))
                    .as("messages, seed %s", seed)
                    .isEqualTo(expected);
        }

        private static Set<Long> messages(Log log, long start, long end) {
            Set<Long> found = new TreeSet<>();
            for (long queue = 0; queue < QUEUES; queue++) {
                log.index().scan(queue, 0, Integer.MAX_VALUE, (offset, entry) -> {
                    if (entry.position() >= start && entry.position() < end) {
                        found.add(log.read(entry.position()).getLong(9));
                    }
                    return true;
                });
            }
            return found;
        }
    }

    private static Counts run(int seeds, long first) throws IOException {
        Counts counts = new Counts();
        for (long seed = first; seed < first + seeds; seed++) {
            new Run(seed, counts).run();
        }
        return counts;
    }

    @Test
    void findsWhatTheEngineMayAskForAfterAnyCrash() throws IOException {
        Counts counts = run(300, 1);

        assertThat(counts.crashes).isGreaterThan(300);
        assertThat(counts.removed).isGreaterThan(300);
        assertThat(counts.held)
                .as("starts with removed segments that are still needed")
                .isGreaterThan(30);
    }

    @Test
    void findsItAfterCrashesThatNobodyTriedBefore() throws IOException {
        assertThat(run(100, System.nanoTime()).crashes).isPositive();
    }
}
