/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.tck.Metrics;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.BrokerProcess;

/**
 * A sink cannot start until a gigabyte waits for it: the log keeps it, the figures say so, the server's memory stays as
 * it is, and all of it is written once it can be. {@code bin/verify connectors} runs it.
 */
@EnabledIfSystemProperty(named = "polymq.plugins", matches = ".+")
class SinkBacklogIT {
    private static final int MESSAGES = Integer.getInteger("polymq.messages", 66_000);
    private static final int BODY = 16_384;
    private static final int UNDER_WAY = 256;

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofMinutes(15)).pollInterval(Duration.ofSeconds(1));
    }

    @Test
    void aGigabyteWaitsInTheLogForASinkThatIsDown() throws Exception {
        Path out = directory.resolve("not-yet").resolve("out");
        Path plugins = Path.of(System.getProperty("polymq.plugins")).toAbsolutePath();
        try (BrokerProcess server = BrokerProcess.in(directory).with("connectors.plugins", plugins)) {
            server.start();
            AdminApi api = AdminApi.as(server.endpoints(), "nobody", "security is off");
            Metrics metrics = new Metrics(server.endpoints());
            Map<String, String> sink = new HashMap<>(FilePlugin.sink("work", out));
            sink.put("restart.max.delay.ms", "2000");
            FilePlugin.create(api, "sink", sink);
            soon().until(() -> metrics.sum("polymq_connector_restarts_total") >= 1);
            long before = memory(server);

            publish(server);

            soon().until(() -> metrics.sum("polymq_connector_lag") == MESSAGES);
            assertThat(metrics.sum("polymq_connector_running")).isZero();
            assertThat(api.call("GET", "connectors/sink", "").body()).contains("\"state\":\"retrying\"", "not-yet");
            long waiting = memory(server);
            Files.createDirectories(out.getParent());

            soon().until(() -> metrics.sum("polymq_connector_lag") == 0);
            soon().until(() -> metrics.sum("polymq_connector_running") == 1);
            long written = judge(out);
            System.out.printf(
                    "%d messages, %d MB: all written, doubled %d; memory of the server's own %d MB before, %d MB while they waited, %d MB after%n",
                    MESSAGES, ((long) MESSAGES * BODY) >> 20, written - MESSAGES, before, waiting, memory(server));
        }
    }

    private static void publish(BrokerProcess server) throws Exception {
        Semaphore free = new Semaphore(UNDER_WAY);
        AtomicReference<Exception> failure = new AtomicReference<>();
        CompletionListener answered = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                free.release();
            }

            @Override
            public void onException(Message message, Exception e) {
                failure.set(e);
                free.release();
            }
        };
        String filling = "x".repeat(BODY);
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(
                        "polymq://" + server.endpoints().nativePort());
                Connection connection = factory.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            MessageProducer producer = session.createProducer(session.createTopic("work"));
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(free.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
                producer.send(session.createTextMessage(i + " " + filling), answered);
            }
            assertThat(free.tryAcquire(UNDER_WAY, 60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(failure.get()).isNull();
    }

    /** Answers how many lines there are; each message is at least one of them. */
    private static long judge(Path out) throws IOException {
        BitSet seen = new BitSet(MESSAGES);
        long lines = 0;
        try (BufferedReader reader = Files.newBufferedReader(out)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines++;
                seen.set(Integer.parseInt(line.substring(0, line.indexOf(' '))));
            }
        }
        assertThat(seen.cardinality()).isEqualTo(MESSAGES);
        return lines;
    }

    /** Megabytes of the process that are in no file. */
    private static long memory(BrokerProcess server) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(server.pid()), "status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                .findFirst()
                .orElseThrow();
    }
}
