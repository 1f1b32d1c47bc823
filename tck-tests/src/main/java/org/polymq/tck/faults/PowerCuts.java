/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/**
 * Cuts the power: the process stands still, its disk forgets what was not forced, the process is killed. With
 * {@code storage.flush} sync nothing acknowledged may be lost. With async only the end of what was acknowledged may be
 * lost, nothing in the middle, and nothing that was acknowledged long before the cut.
 */
public final class PowerCuts {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration FLUSHED = Duration.ofSeconds(2);
    private static final Duration LONG_BEFORE = Duration.ofSeconds(5);

    private PowerCuts() {}

    /**
     * Runs so many cuts with each way to flush; says why and does nothing where no disk can be mounted.
     *
     * @param directory an empty one
     */
    public static Outcome run(Path directory, Random random, int cuts) throws Exception {
        Optional<String> impossible = LoopDisk.impossible();
        if (impossible.isPresent()) {
            System.out.println("  SKIPPED: " + impossible.get());
            return Outcome.none();
        }
        return sync(Files.createDirectory(directory.resolve("sync")), random, cuts)
                .and(async(Files.createDirectory(directory.resolve("async")), random, cuts));
    }

    private static Outcome sync(Path directory, Random random, int cuts) throws Exception {
        BrokerProcess server = BrokerProcess.in(directory).onFixedPorts().with("storage.flush", "sync");
        Files.createDirectory(server.data());
        try (LoopDisk disk = LoopDisk.make(directory.resolve("image"), server.data());
                server) {
            server.start();
            try (Traffic traffic = new Traffic(server.endpoints(), "power")) {
                traffic.start();
                traffic.awaitProgress(20, PATIENCE);
                for (int cut = 1; cut <= cuts; cut++) {
                    Pause.of(Duration.ofMillis(random.nextInt(50, 2_500)));
                    cut(server, disk);
                    server.start();
                    String slowest = traffic.awaitProgress(5, PATIENCE);
                    System.out.printf(
                            "  cut %d with flush sync: last to go on %s; %d acknowledged so far%n",
                            cut, slowest, traffic.acknowledged());
                }
                traffic.drain(PATIENCE);
                return new Outcome(traffic.atLeastOnce(), traffic.exactlyOnce(), traffic.failures());
            } finally {
                end(server);
            }
        }
    }

    private static Outcome async(Path directory, Random random, int cuts) throws Exception {
        BrokerProcess server = BrokerProcess.in(directory).onFixedPorts().with("storage.flush", "async");
        Files.createDirectory(server.data());
        List<String> failures = new ArrayList<>();
        try (LoopDisk disk = LoopDisk.make(directory.resolve("image"), server.data());
                server) {
            server.start();
            try {
                for (int cut = 1; cut <= cuts; cut++) {
                    failures.addAll(asyncCut(server, disk, random, cut));
                }
            } finally {
                end(server);
            }
        }
        return new Outcome(Verdict.none(), Verdict.none(), failures);
    }

    private static List<String> asyncCut(BrokerProcess server, LoopDisk disk, Random random, int cut) throws Exception {
        Endpoints at = server.endpoints();
        List<Protocol> protocols =
                List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), Mqtt5Protocol.topics(1));
        Ledger ledger = new Ledger();
        subscribeEach(at, protocols, ledger, cut).forEach(Subscriber::close); // from here on it is kept for them
        Pause.of(FLUSHED);
        List<PublishLoop> loops = protocols.stream()
                .map(from -> new PublishLoop(at, from, topic(from, cut), ledger))
                .toList();
        loops.forEach(PublishLoop::start);
        for (PublishLoop loop : loops) {
            if (!Pause.until(PATIENCE, () -> loop.acknowledged() >= 20)) {
                throw new IllegalStateException(loop.stream() + " made no progress within " + PATIENCE);
            }
        }
        Pause.of(Duration.ofMillis(random.nextInt(50, 2_500)));

        loops.forEach(PublishLoop::halt);
        cut(server, disk);
        long cutAt = System.nanoTime();
        Map<String, Map<Long, Long>> acknowledged = new TreeMap<>();
        loops.forEach(loop -> acknowledged.put(loop.stream(), ledger.acknowledgements(loop.stream())));
        server.start();
        for (PublishLoop loop : loops) {
            loop.stop();
        }

        publishOneMore(at, protocols, ledger, cut); // what is before it has come when it has
        List<Subscriber> subscribers = subscribeEach(at, protocols, ledger, cut);
        try {
            Pause.until(PATIENCE, () -> hasLast(protocols, ledger, cut));
        } finally {
            subscribers.forEach(Subscriber::close);
        }
        return judge(protocols, ledger, cut, acknowledged, cutAt);
    }

    private static List<String> judge(
            List<Protocol> protocols, Ledger ledger, int cut, Map<String, Map<Long, Long>> acknowledged, long cutAt) {
        List<String> failures = new ArrayList<>();
        StringBuilder lostEach = new StringBuilder();
        for (Protocol from : protocols) {
            Map<Long, Long> promised = acknowledged.getOrDefault(topic(from, cut), Map.of());
            for (Protocol to : protocols) {
                Set<Long> kept = ledger.numbers(identity(from, to, cut), topic(from, cut));
                List<Long> lost = promised.keySet().stream()
                        .filter(number -> !kept.contains(number))
                        .sorted()
                        .toList();
                long newestKept = promised.keySet().stream()
                        .filter(kept::contains)
                        .max(Long::compare)
                        .orElse(-1L);
                long age = lost.isEmpty()
                        ? 0
                        : TimeUnit.NANOSECONDS.toMillis(cutAt
                                - Collections.min(
                                        lost.stream().map(promised::get).toList()));
                lostEach.append(String.format(
                        "%n    %s: lost %d of %d, the oldest acknowledged %d ms before the cut",
                        identity(from, to, cut), lost.size(), promised.size(), age));
                if (!lost.isEmpty() && lost.get(0) < newestKept) {
                    failures.add(identity(from, to, cut) + " lost " + lost.get(0) + " and kept " + newestKept);
                }
                if (age > LONG_BEFORE.toMillis()) {
                    failures.add(identity(from, to, cut) + " lost what was acknowledged " + age + " ms before the cut");
                }
            }
        }
        System.out.printf("  cut %d with flush async:%s%n", cut, lostEach);
        return failures;
    }

    private static void cut(BrokerProcess server, LoopDisk disk) throws IOException, InterruptedException {
        server.freeze();
        disk.cutPower();
        server.kill();
        disk.unmount();
        disk.powerOn();
    }

    private static void end(BrokerProcess server) throws InterruptedException {
        if (server.isAlive()) {
            server.kill(); // before its disk goes
        }
    }

    private static List<Subscriber> subscribeEach(Endpoints at, List<Protocol> protocols, Ledger ledger, int cut)
            throws Exception {
        List<Subscriber> subscribers = new ArrayList<>();
        for (Protocol from : protocols) {
            for (Protocol to : protocols) {
                String identity = identity(from, to, cut);
                ledger.subscribes(identity, Set.of(topic(from, cut)));
                subscribers.add(to.subscriber(
                        at, identity, topic(from, cut), message -> ledger.received(identity, message.body())));
            }
        }
        return subscribers;
    }

    private static void publishOneMore(Endpoints at, List<Protocol> protocols, Ledger ledger, int cut)
            throws InterruptedException {
        for (Protocol from : protocols) {
            PublishLoop last = new PublishLoop(at, from, topic(from, cut), ledger);
            last.start();
            boolean sent = Pause.until(PATIENCE, () -> last.acknowledged() > 0);
            last.stop();
            if (!sent) {
                throw new IllegalStateException(last.stream() + " made no progress within " + PATIENCE);
            }
        }
    }

    private static boolean hasLast(List<Protocol> protocols, Ledger ledger, int cut) {
        return protocols.stream().allMatch(from -> {
            Long last =
                    Collections.max(ledger.acknowledgements(topic(from, cut)).keySet());
            return protocols.stream()
                    .allMatch(to -> ledger.numbers(identity(from, to, cut), topic(from, cut))
                            .contains(last));
        });
    }

    private static String identity(Protocol from, Protocol to, int cut) {
        return topic(from, cut) + "-to-" + to.name();
    }

    private static String topic(Protocol from, int cut) {
        return "power-" + cut + "-" + from.name();
    }
}
