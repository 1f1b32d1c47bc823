/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The other broker is away until a gigabyte waits for it: the log keeps it, the heap stays small, and all of it arrives
 * in order when the other broker is back. {@code bin/verify bridges} runs it.
 */
@EnabledIfSystemProperty(named = "polymq.bridges", matches = ".+")
class BridgeBacklogTest {
    private static final int MESSAGES = Integer.getInteger("polymq.messages", 66_000);
    private static final int BODY = 16_384;
    private static final int HEAP_MB = 128;
    private static final Pattern LAG = Pattern.compile("LAG (\\d+) HEAP (\\d+) .*");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final Numbers outgoing = new Numbers();
    private final AtomicLong lag = new AtomicLong(-1);
    private final AtomicLong mostHeap = new AtomicLong();
    private final CountDownLatch published = new CountDownLatch(1);

    @Test
    void aGigabyteWaitsForARemoteThatIsAway() throws Exception {
        try (Mosquitto remote = new Mosquitto(directory.resolve("mosquitto"))) {
            remote.start();
            remote.prepare();
            remote.receive(outgoing::arrived);
            remote.kill();
            Properties definition = new Properties();
            definition.putAll(remote.definition());
            definition.put("reconnect.max", "2s");
            try (Writer out = Files.newBufferedWriter(directory.resolve("definition"))) {
                definition.store(out, null);
            }
            try (Killable node = node()) {
                assertThat(published.await(15, TimeUnit.MINUTES)).isTrue();
                await().atMost(Duration.ofMinutes(2)).until(() -> lag.get() == MESSAGES);
                long waiting = mostHeap.get();

                remote.start();

                await().atMost(Duration.ofMinutes(15))
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> lag.get() == 0 && outgoing.complete());
                System.out.printf(
                        "%d messages, %d MB: %s; used heap at most %d MB while they waited, %d MB in all, of %d MB%n",
                        MESSAGES,
                        ((long) MESSAGES * BODY) >> 20,
                        outgoing,
                        waiting >> 20,
                        mostHeap.get() >> 20,
                        HEAP_MB);
                assertThat(outgoing.late()).isZero();
                assertThat(node.isAlive()).isTrue();
            }
        }
    }

    private Killable node() throws Exception {
        return Killable.start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP_MB + "m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        BridgeNode.class.getName(),
                        directory.resolve("data").toString(),
                        Files.createDirectories(directory.resolve("plugins")).toString(),
                        directory.resolve("definition").toString(),
                        "0",
                        Integer.toString(MESSAGES),
                        Integer.toString(BODY)),
                "READY",
                directory.resolve("node.log").toFile(),
                this::line);
    }

    private void line(String line) {
        Matcher said = LAG.matcher(line);
        if (line.startsWith("SENT ")) {
            outgoing.sent(Long.parseLong(line.substring(5)));
        } else if (line.equals("PUBLISHED")) {
            published.countDown();
        } else if (said.matches()) {
            lag.set(Long.parseLong(said.group(1)));
            mostHeap.accumulateAndGet(Long.parseLong(said.group(2)), Math::max);
        }
    }
}
