/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.NodeNetwork;
import org.polymq.tck.server.Relay;

/**
 * Kills, stops, restarts and cuts off nodes of a cluster of three at random and fills the disk of one, while everybody
 * publishes and consumes, with noise on the port between nodes. At the end all nodes must have the same bytes.
 */
public final class ClusterFaults {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Small, so that segments end and snapshots are sent all the time. */
    private static final String SEGMENT = "2MB";

    /** On few processors three nodes and their clients keep each other waiting for longer than the standard. */
    static final String ELECTION = "2s";
    /** Short, so that there are many restarts; {@link ClusterRolling} has the standard. */
    private static final String DRAIN = "2s";

    /** The node whose disk is small; it holds the log of a run, and the copy of it that comes from a leader. */
    private static final int SMALL = 2;

    private static final int SMALL_MB = 400;
    private static final int SMALL_MB_A_MINUTE = 200;

    /** What the end of a run takes on a busy machine: everything arrives, and the logs are compared. */
    private static final Duration END = Duration.ofSeconds(40);

    private final ClusterProcess cluster;
    private final @Nullable NodeNetwork network;
    private final @Nullable SmallDisk disk;
    private final Random random;
    private final Traffic traffic;
    private final List<Fault> kinds;

    /** Where it runs, and what may happen there. */
    private record Setting(
            int groups,
            @Nullable NodeNetwork network,
            @Nullable SmallDisk disk,
            List<Fault> kinds) {}

    private ClusterFaults(ClusterProcess cluster, Setting setting, Random random, Traffic traffic) {
        this.cluster = cluster;
        this.network = setting.network();
        this.disk = setting.disk();
        this.random = random;
        this.traffic = traffic;
        this.kinds = new ArrayList<>(setting.kinds());
        Collections.shuffle(kinds, random);
    }

    private static final List<Fault> ENDS = List.of(Fault.KILL, Fault.FREEZE, Fault.RESTART);

    private static final List<Fault> CUTS = List.of(Fault.CUT_OFF, Fault.DEAF, Fault.MUTE, Fault.HALF_CUT);

    /**
     * How long a run is.
     *
     * @param faults at least so many; 0 for each kind once
     * @param time goes on at least that long, or with 0 faults takes about that long at most
     */
    public record Length(int faults, Duration time) {
        /** Each kind of fault once, as far as that goes within a time, everything included. */
        public static Length within(Duration time) {
            return new Length(0, time);
        }

        private int diskMegabytes() {
            return faults == 0 ? SMALL_MB : SMALL_MB + SMALL_MB_A_MINUTE * Math.toIntExact(time.toMinutes());
        }

        private boolean goesOn(int done, int kinds, long began) {
            long passed = System.nanoTime() - began;
            return faults == 0
                    ? done < kinds && passed < time.minus(END).toNanos()
                    : done < faults || passed < time.toNanos();
        }
    }

    /** What happens to a node. */
    private enum Fault {
        KILL,
        FREEZE,
        RESTART,
        /** From both others, both ways. */
        CUT_OFF,
        /** It hears neither of the others, which hear it. */
        DEAF,
        /** Neither of the others hears it. */
        MUTE,
        /** From one of the others, both ways. */
        HALF_CUT,
        DISK_FULL
    }

    /** Runs in a directory that is empty, with so many groups. */
    public static Outcome run(Path directory, Random random, int groups, Length length) throws Exception {
        Optional<String> noNetwork = NodeNetwork.impossible();
        if (noNetwork.isPresent()) {
            System.out.println("  nodes are not cut off from each other, and no disk is filled up: " + noNetwork.get());
            return run(directory, new Setting(groups, null, null, ENDS), random, length);
        }
        Path small =
                Files.createDirectories(directory.resolve("node" + (SMALL + 1)).resolve("data"));
        try (NodeNetwork network = NodeNetwork.of(3);
                SmallDisk disk = SmallDisk.mount(small, length.diskMegabytes())) {
            List<Fault> all = new ArrayList<>(ENDS);
            all.addAll(CUTS);
            all.add(Fault.DISK_FULL);
            return run(directory, new Setting(groups, network, disk, all), random, length);
        }
    }

    /** The same with cuts between nodes alone; nothing but a word where they cannot be made. */
    static Outcome partitions(Path directory, Random random, int groups, Duration atLeast) throws Exception {
        Optional<String> noNetwork = NodeNetwork.impossible();
        if (noNetwork.isPresent()) {
            System.out.println("SKIPPED nodes are not cut off from each other: " + noNetwork.get());
            return Outcome.none();
        }
        try (NodeNetwork network = NodeNetwork.of(3)) {
            return run(directory, new Setting(groups, network, null, CUTS), random, new Length(CUTS.size(), atLeast));
        }
    }

    private static Outcome run(Path directory, Setting setting, Random random, Length length) throws Exception {
        long began = System.nanoTime();
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, setting.network(), setting.groups())
                .with("storage.segment-size", SEGMENT)
                .with("cluster.election-timeout", ELECTION)
                .with("cluster.drain", DRAIN)
                .with("storage.clean-below", "1MB")
                .with("storage.full-below", "4MB")
                // While a disk is full every attempt to move a message fails: it must not become a dead letter for
                // that.
                .with("jms.max-deliveries", "0")) {
            cluster.start(PATIENCE);
            try (Relay mqtt = Relay.to(cluster.mqtt());
                    Traffic traffic = Traffic.ofCluster(cluster.endpoints(mqtt), "cluster")) {
                traffic.start();
                traffic.awaitProgress(20, PATIENCE);
                ClusterFaults run = new ClusterFaults(cluster, setting, random, traffic);
                int done = 0;
                while (length.goesOn(done, run.kinds.size(), began)) {
                    run.once(++done);
                }
                if (done < run.kinds.size()) {
                    System.out.println("  not reached in the time: " + run.kinds.subList(done, run.kinds.size()));
                }
                traffic.drain(PATIENCE);
                return new Outcome(traffic.atLeastOnce(), traffic.exactlyOnce(), traffic.failures())
                        .and(EqualLogs.check(cluster, PATIENCE));
            }
        }
    }

    private void once(int number) throws Exception {
        Pause.of(Duration.ofMillis(random.nextInt(50, 1_500)));
        int leader = cluster.awaitLeader(random.nextInt(cluster.groups()), PATIENCE);
        // A leader more often than not: its loss is what everybody notices.
        int chosen = random.nextInt(3) < 2 ? leader : random.nextInt(cluster.size());
        // Each kind once, then at random.
        Fault fault = kinds.get(number <= kinds.size() ? number - 1 : random.nextInt(kinds.size()));
        int place = fault == Fault.DISK_FULL ? SMALL : chosen;
        boolean noise = random.nextBoolean();
        if (noise) {
            noise(random.nextInt(cluster.size()));
        }
        BrokerProcess node = cluster.node(place);
        long began = System.nanoTime();
        switch (fault) {
            case KILL -> {
                node.kill();
                Pause.of(Duration.ofMillis(random.nextInt(0, 3_000)));
                node.start();
            }
            case FREEZE -> {
                node.freeze();
                Pause.of(Duration.ofMillis(random.nextInt(500, 6_000)));
                node.thaw();
            }
            case RESTART -> {
                node.stop();
                node.start();
            }
            case DISK_FULL -> fillUp(node);
            case CUT_OFF, DEAF, MUTE, HALF_CUT -> cut(place, fault);
        }
        String slowest = traffic.awaitProgress(5, PATIENCE);
        System.out.printf(
                "  %d: %s of node %d%s%s, %d ms; last to go on %s; %d acknowledged so far%n",
                number,
                fault.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                place + 1,
                place == leader ? ", which led" : "",
                noise ? ", with noise between nodes" : "",
                (System.nanoTime() - began) / 1_000_000,
                slowest,
                traffic.acknowledged());
    }

    private void cut(int place, Fault how) throws IOException, InterruptedException {
        NodeNetwork between = Objects.requireNonNull(network);
        int spared = how == Fault.HALF_CUT ? (place + 1 + random.nextInt(2)) % cluster.size() : place;
        for (int other = 0; other < cluster.size(); other++) {
            if (other != place && other != spared) {
                if (how != Fault.DEAF) {
                    between.cut(place, other);
                }
                if (how != Fault.MUTE) {
                    between.cut(other, place);
                }
            }
        }
        Pause.of(Duration.ofMillis(random.nextInt(1_000, 8_000)));
        between.heal();
    }

    /** A node that cannot store ends itself, as it is documented, and is started again when there is space. */
    private void fillUp(BrokerProcess node) throws IOException, InterruptedException {
        SmallDisk full = Objects.requireNonNull(disk);
        full.fill();
        Pause.of(Duration.ofMillis(random.nextInt(2_000, 6_000)));
        full.free();
        if (!node.isAlive()) {
            node.start();
        }
    }

    /** Bytes that are no node's, of several kinds. */
    private void noise(int place) {
        byte[] bytes = new byte[random.nextInt(1, 2_000)];
        random.nextBytes(bytes);
        String[] address = cluster.replication(place).split(":", -1);
        try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
            socket.getOutputStream()
                    .write(random.nextBoolean() ? bytes : "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException closed) {
            // That is what it should do.
        }
    }
}
