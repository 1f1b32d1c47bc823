/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.polymq.tck.client.QueueSender;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/**
 * Three orderly consumers of 4.9 and 5.x share sixteen queues, each a process of its own, and are killed or ended at
 * random moments while a producer goes on. Each queue's order holds, nobody takes a queue over while another has a
 * message of it in hand, and nothing is lost.
 */
public final class OrderlyKills {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String TOPIC = "orderly";
    private static final int QUEUES = 16;
    private static final int MEMBERS = 3;

    private OrderlyKills() {}

    /**
     * Runs until there were so many kills and the time is over.
     *
     * @param directory an empty one
     * @param kills at least so many
     * @param atLeast goes on that long
     */
    public static Outcome run(Path directory, Random random, int kills, Duration atLeast) throws Exception {
        long end = System.nanoTime() + atLeast.toNanos();
        Path home = Files.createDirectories(directory.resolve("home"));
        QueueWatch watch = new QueueWatch();
        Map<Integer, Long> sent = new TreeMap<>();
        List<OrderlyConsumer> members = new ArrayList<>();
        // Consumers here hold a lock for lost after 10 s, the broker after 20 s: sooner than is usual, by the same
        // rule.
        try (BrokerProcess server = BrokerProcess.in(directory).with("native.queue-lock-time", "20s")) {
            Endpoints at = server.start();
            try (QueueSender sender = RocketMqVersion.queueSender(at)) {
                sender.create(TOPIC, QUEUES);
                for (int i = 0; i < MEMBERS; i++) {
                    members.add(member(i, 0, at, home, watch));
                }
                Loop producing = new Loop("sends to " + TOPIC, () -> one(sender, sent), () -> {});
                producing.start();
                for (int kill = 1; kill <= kills || System.nanoTime() < end; kill++) {
                    long goal = watch.finished() + 50;
                    if (!Pause.until(PATIENCE, () -> watch.finished() >= goal)) {
                        return Outcome.failed("nobody consumes, " + PATIENCE + " after kill " + (kill - 1));
                    }
                    Pause.of(Duration.ofMillis(random.nextInt(50, 4_000)));
                    int which = random.nextInt(MEMBERS);
                    boolean hard = random.nextInt(3) > 0;
                    members.get(which).end(hard);
                    members.set(which, member(which, kill, at, home, watch));
                    System.out.printf(
                            "  %s of member %d, the %d.; %d messages finished so far%n",
                            hard ? "kill" : "end", which, kill, watch.finished());
                }
                producing.stop();
                long all = sent.values().stream().mapToLong(Long::longValue).sum();
                if (!Pause.until(PATIENCE, () -> watch.finished() >= all)) {
                    System.out.println("  not complete after " + PATIENCE);
                }
            } finally {
                for (OrderlyConsumer member : members) {
                    member.end(true);
                }
            }
        }
        return watch.judge(sent);
    }

    private static OrderlyConsumer member(int which, int life, Endpoints at, Path home, QueueWatch watch)
            throws Exception {
        RocketMqVersion version = which % 2 == 0 ? RocketMqVersion.V5 : RocketMqVersion.V4;
        return OrderlyConsumer.start(version, at, TOPIC, "m" + which + "-" + life, home, watch);
    }

    /** One message to each queue; a queue's messages are numbered from 0. */
    private static void one(QueueSender sender, Map<Integer, Long> sent) throws InterruptedException {
        for (int queue = 0; queue < QUEUES; queue++) {
            long number = sent.getOrDefault(queue, 0L);
            try {
                sender.send(TOPIC, queue, new Stamp("q" + queue, number).body(200));
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("a send failed while no broker was killed", e);
            }
            sent.put(queue, number + 1);
        }
        Pause.of(Duration.ofMillis(15));
    }
}
