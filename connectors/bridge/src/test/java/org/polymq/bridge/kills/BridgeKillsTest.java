/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both ways between our broker and one of another make, while the processes of both are killed at random: nothing that
 * was acknowledged is lost, and order is kept. {@code bin/verify bridges} runs it.
 */
@EnabledIfSystemProperty(named = "polymq.bridges", matches = "kill")
class BridgeKillsTest {
    private static final Path BENCHMARKS =
            Path.of("../../benchmarks").toAbsolutePath().normalize();
    private static final long LAST = Long.MAX_VALUE;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final Numbers outgoing = new Numbers();
    private final Numbers incoming = new Numbers();
    private final AtomicLong nextOut = new AtomicLong();
    private volatile String lastLine = "";
    private final CountDownLatch up = new CountDownLatch(1);
    private Killable node;
    private int kills;

    @Test
    void mosquitto() throws Exception {
        holds(new Mosquitto(directory.resolve("mosquitto")));
    }

    @Test
    void artemis() throws Exception {
        holds(new Artemis(directory.resolve("artemis"), BENCHMARKS));
    }

    @Test
    void rocketMq() throws Exception {
        holds(new RocketMq(directory.resolve("rocketmq"), BENCHMARKS));
    }

    private void holds(RemoteBroker remote) throws Exception {
        long seed = Long.getLong("polymq.seed", System.nanoTime());
        System.out.println("seed " + seed + " (repeat with -Dpolymq.seed=" + seed + ")");
        Random random = new Random(seed);
        Duration time = Duration.ofSeconds(Long.getLong("polymq.seconds", 90));
        try (remote) {
            remote.start();
            remote.prepare();
            remote.receive(outgoing::arrived);
            define(remote);
            startNode(LAST);
            await().atMost(Duration.ofMinutes(2)).until(() -> up.getCount() == 0);
            AtomicBoolean sending = new AtomicBoolean(true);
            Thread sender = new Thread(() -> sendAll(remote, sending));
            sender.start();

            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                pause(2_000 + random.nextInt(4_000));
                boolean ours = random.nextBoolean();
                if (ours) {
                    node.kill();
                } else {
                    remote.kill();
                }
                kills++;
                pause(random.nextInt(2_000));
                if (ours) {
                    startNode(LAST);
                } else {
                    remote.start();
                }
            }
            sending.set(false);
            sender.join(TimeUnit.MINUTES.toMillis(3)); // a send waits for up to two
            assertThat(sender.isAlive()).as("it still sends").isFalse();
            node.kill();
            startNode(nextOut.get());
            await().atMost(Duration.ofSeconds(Long.getLong("polymq.patience", 180)))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> {
                        assertThat(outgoing.missing().size()).as("lost, out").isZero();
                        assertThat(incoming.missing().size()).as("lost, in").isZero();
                    });
        } finally {
            System.out.println(kills + " kills; out: " + outgoing + "; in: " + incoming + "; " + lastLine);
            if (node != null) {
                node.close();
            }
        }
        assertThat(outgoing.late()).as("out of order, out").isZero();
        assertThat(incoming.late()).as("out of order, in").isZero();
        assertThat(outgoing.countSent()).isPositive();
        assertThat(incoming.countSent()).isPositive();
    }

    private void sendAll(RemoteBroker remote, AtomicBoolean sending) {
        try {
            for (long number = 0; sending.get(); number++) {
                // The same number until it is acknowledged: then its first arrival is in its place.
                while (!remote.send(number) && sending.get()) {
                    Thread.onSpinWait();
                }
                if (sending.get()) {
                    incoming.sent(number);
                }
                pause(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void define(RemoteBroker remote) throws Exception {
        Path plugins = Files.createDirectories(directory.resolve("plugins"));
        Path jars = BENCHMARKS.resolve("artemis/target/lib");
        if (Files.isDirectory(jars)) {
            Files.createSymbolicLink(plugins.resolve("artemis"), jars);
        }
        Properties definition = new Properties();
        definition.putAll(remote.definition());
        definition.put("reconnect.max", "2s");
        try (Writer out = Files.newBufferedWriter(directory.resolve("definition"))) {
            definition.store(out, null);
        }
    }

    private void startNode(long last) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                BridgeNode.class.getName(),
                directory.resolve("data").toString(),
                directory.resolve("plugins").toString(),
                directory.resolve("definition").toString(),
                Long.toString(nextOut.get()),
                Long.toString(last),
                "60"));
        node = Killable.start(command, "READY", directory.resolve("node.log").toFile(), this::line);
    }

    private void line(String line) {
        lastLine = line;
        if (line.equals("UP")) {
            up.countDown();
        }
        if (line.startsWith("SENT ")) {
            long number = Long.parseLong(line.substring(5));
            outgoing.sent(number);
            nextOut.set(number + 1);
        } else if (line.startsWith("GOT ")) {
            incoming.arrived(Long.parseLong(line.substring(4)));
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
