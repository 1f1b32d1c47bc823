/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** One seed: a log that is used, crashed and opened again several times, and compared with a model after each. */
final class CrashRun {
    private static final Path DIRECTORY = Path.of("simulated");
    /** Where segments are cleaned and deleted. */
    private static final Set<Failpoints.Point> TAKING =
            EnumSet.range(Failpoints.Point.DELETE, Failpoints.Point.CLEANED);

    private final Random random;
    private final long seed;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final ManualWorkers workers;
    private final LogConfig config;
    private final History history = new History();
    private final CrashSuite.Counts counts;
    private final List<Sent> inFlight = new ArrayList<>();
    private TestMachine machine = new TestMachine();
    private long failpointIn = Long.MAX_VALUE;
    private long takingIn = Long.MAX_VALUE;
    private long nextId;
    private boolean usable;

    /** A request, and the number of records that must be there if it was acknowledged. */
    private record Sent(TestRequest request, boolean sync) {}

    /** On a disk whose forces do nothing if {@code lyingDisk}: then it must fail sooner or later. */
    CrashRun(long seed, CrashSuite.Counts counts, boolean lyingDisk) {
        this.seed = seed;
        this.counts = counts;
        if (lyingDisk) {
            disk.lieAboutForces();
        }
        this.random = new Random(seed * 0x9e3779b97f4a7c15L);
        this.workers = new ManualWorkers(seed);
        int segment = 4096 << random.nextInt(3);
        FlushMode flush = random.nextBoolean() ? FlushMode.SYNC : FlushMode.ASYNC;
        this.config = new LogConfig(DIRECTORY, segment, flush, Duration.ofMillis(200), segment / 2, 0);
    }

    void run() throws IOException {
        int lives = 2 + random.nextInt(5);
        for (int life = 0; life < lives; life++) {
            arm();
            boolean power = random.nextInt(3) > 0;
            try {
                live();
            } catch (SimulatedCrash e) {
                counts.crashes++;
            }
            crash(power);
        }
        failpointIn = Long.MAX_VALUE;
        takingIn = Long.MAX_VALUE;
        try (Log log = open()) {
            check(log);
        }
    }

    private void arm() {
        failpointIn = Long.MAX_VALUE;
        takingIn = Long.MAX_VALUE;
        int kind = random.nextInt(5);
        if (kind < 2) {
            disk.crashIn(random.nextInt(kind == 0 ? 30 : 300), random.nextLong());
        } else if (kind < 4) {
            failpointIn = random.nextInt(kind == 2 ? 20 : 300);
        } else if (random.nextBoolean()) {
            takingIn = random.nextInt(20);
        }
    }

    private void hit(Failpoints.Point point) {
        boolean taking = TAKING.contains(point);
        counts.taking += point == Failpoints.Point.CLEANED ? 1 : 0;
        if (failpointIn-- <= 0 || (taking && takingIn-- <= 0)) {
            counts.crashesTaking += taking ? 1 : 0;
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
                new Recording(machine, history),
                workers.environment());
    }

    private void live() throws IOException {
        Log log = open();
        check(log);
        checkHeld(log);
        usable = true;
        int steps = random.nextInt(200);
        for (int i = 0; i < steps; i++) {
            step(log);
            if (random.nextInt(50) == 0) {
                checkQueues(log);
            }
        }
        if (random.nextInt(4) == 0) {
            log.close();
        }
    }

    private void step(Log log) {
        switch (random.nextInt(12)) {
            case 0, 1 -> workers.flush();
            case 2, 3 -> workers.work();
            case 4 -> workers.advance(random.nextInt(300));
            case 5 -> {
                if (random.nextInt(10) == 0) {
                    log.roll();
                }
            }
            case 6 -> {
                if (random.nextInt(3) == 0) {
                    remove(log);
                }
            }
            default -> send(log);
        }
    }

    private void remove(Log log) {
        List<SegmentInfo> removable = log.sealedSegments().stream()
                .filter(segment -> segment.end() <= log.removableBelow())
                .toList();
        if (!removable.isEmpty()) {
            // Not always the oldest: retention takes dead segments in any order.
            SegmentInfo chosen = removable.get(random.nextInt(removable.size()));
            if (random.nextInt(3) == 0) {
                append(log, List.of(TestMachine.removeSegment(chosen)), true);
                counts.removed++;
            } else {
                append(log, List.of(TestMachine.cleanSegment(chosen.number(), random.nextInt(1000))), true);
                counts.cleaned++;
            }
        }
    }

    private void send(Log log) {
        List<ByteBuffer> records = new ArrayList<>();
        int count = random.nextInt(5) == 0 ? random.nextInt(6) : 1;
        for (int i = 0; i < count; i++) {
            long id = nextId++;
            switch (random.nextInt(20)) {
                case 0, 1 -> records.add(TestMachine.control(id));
                case 2 -> records.add(TestMachine.removeQueue(random.nextInt(12)));
                case 3 -> records.add(TestMachine.held(id));
                default -> records.add(TestMachine.message(random.nextInt(12), id, random.nextInt(200)));
            }
        }
        append(log, records, random.nextInt(4) == 0);
    }

    private void append(Log log, List<ByteBuffer> records, boolean control) {
        boolean sync = random.nextInt(4) == 0;
        TestRequest request = new TestRequest(records, sync, control);
        inFlight.add(new Sent(request, sync));
        history.sending(request);
        if (random.nextInt(4) == 0) {
            // Those that come while an entry is written go into one entry together.
            request.outcome().thenRun(() -> {
                for (int i = random.nextInt(4); i > 0; i--) {
                    send(log);
                }
            });
        }
        log.append(request);
        counts.requests++;
    }

    /** What was acknowledged must be there afterwards; the rest may be. */
    private void crash(boolean power) {
        for (Sent sent : inFlight) {
            if (sent.request().isCompleted()) {
                long end = history.endOf(sent.request());
                history.written(end);
                if (sent.sync() || config.flush() == FlushMode.SYNC) {
                    history.durable(end);
                    counts.acknowledged++;
                }
            }
        }
        inFlight.clear();
        if (usable && config.flush() == FlushMode.SYNC) {
            history.durable(history.size()); // what could be seen must stay, acknowledged or not
        }
        usable = false;
        if (power) {
            disk.cutPower(random);
            history.powerCut();
        } else {
            disk.killProcess();
        }
        if (random.nextInt(4) == 0) {
            damage();
        }
    }

    /** Loses or damages the newest snapshot or an index that can be built again. */
    private void damage() {
        LogFiles files = new LogFiles(DIRECTORY, disk);
        try {
            List<Long> intact = new ArrayList<>();
            for (long position : files.snapshots()) {
                if (Snapshot.check(files, position) != null) {
                    intact.add(position);
                }
            }
            List<Long> segments = files.segments();
            boolean whole = segments.isEmpty()
                    || (segments.get(0) == 1
                            && segments.get(segments.size() - 1) == segments.size()
                            && !anyCleaned(files, segments));
            if (!intact.isEmpty() && (whole || intact.size() > 1)) {
                counts.damaged++;
                spoil(String.valueOf(
                        files.snapshot(intact.get(intact.size() - 1)).getFileName()));
            }
            if (whole && !files.indexes().isEmpty() && random.nextBoolean()) {
                List<Long> indexes = files.indexes();
                counts.damaged++;
                spoil(String.valueOf(
                        files.index(indexes.get(random.nextInt(indexes.size()))).getFileName()));
            }
        } catch (IOException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static boolean anyCleaned(LogFiles files, List<Long> segments) throws IOException {
        for (long number : segments) {
            ByteBuffer first = ByteBuffer.allocate(4);
            files.disk().openToRead(files.segment(number)).read(first, 0);
            if (CleanedFile.isCleaned(first.flip())) {
                return true;
            }
        }
        return false;
    }

    private void spoil(String name) {
        if (random.nextBoolean()) {
            disk.lose(name);
        } else {
            // The header or the table: damage of single index entries is found when they are read.
            disk.file(name).damage(random.nextInt(60), 1 << random.nextInt(8));
        }
    }

    /** Compares the log with the history. */
    private void check(Log log) {
        int lost = history.cutTo(machine.count(), machine.digest());
        counts.lost += lost;
        checkQueues(log);
        counts.opened++;
    }

    private void checkHeld(Log log) {
        Map<Long, ByteBuffer> held = history.held();
        check(machine.held().keySet().equals(held.keySet()), "held records " + machine.held() + ", not " + held);
        held.forEach((position, record) -> check(log.read(position).equals(record), "held record at " + position));
    }

    private void checkQueues(Log log) {
        Map<Long, List<History.Message>> queues = history.queues();
        for (long queue = 0; queue < 12; queue++) {
            checkQueue(log, queue, queues.getOrDefault(queue, List.of()));
        }
        if (usable) {
            checkHeld(log);
        }
    }

    private void checkQueue(Log log, long queue, List<History.Message> expected) {
        QueueIndex index = log.index();
        long end = expected.size();
        check(index.end(queue) == end, "queue " + queue + " ends at " + index.end(queue) + ", not " + end);
        List<History.Message> kept =
                expected.stream().filter(message -> !message.removed()).toList();
        long start = kept.isEmpty() ? end : kept.get(0).offset();
        check(index.start(queue) == start, "queue " + queue + " starts at " + index.start(queue) + ", not " + start);
        List<Long> offsets = new ArrayList<>();
        index.scan(queue, 0, Integer.MAX_VALUE, (offset, entry) -> {
            History.Message message = expected.get((int) offset);
            check(entry.position() == message.position(), "position of " + offset + " in queue " + queue);
            check(entry.tagHash() == (int) message.id(), "tag of " + offset + " in queue " + queue);
            check(entry.flags() == (message.id() & 0xffff), "flags of " + offset + " in queue " + queue);
            check(log.read(entry.position()).equals(message.record()), "record " + offset + " of queue " + queue);
            offsets.add(offset);
            return true;
        });
        check(
                offsets.equals(kept.stream().map(History.Message::offset).toList()),
                "queue " + queue + " has offsets " + offsets + ", not "
                        + kept.stream().map(History.Message::offset).toList());
        if (!kept.isEmpty()) {
            History.Message any = kept.get(random.nextInt(kept.size()));
            check(index.get(queue, any.offset(), new QueueIndex.Entry()), "offset " + any.offset() + " cannot be read");
            long found = index.firstAtOrAfter(queue, any.position());
            check(found == any.offset(), "position " + any.position() + " is offset " + found);
        }
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("seed " + seed + ": " + what);
        }
    }
}
