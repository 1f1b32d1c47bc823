/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadInputTest {
    @TempDir
    static Path directory;

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new TestServer(directory, MqttConfig.defaults().withTopicAliasMaximum(16), 0);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void closesOnlyTheOffendersConnectionWithItsReasonAndOneCount() throws IOException {
        try (RawClient other = new RawClient(server.port());
                RawClient offender = new RawClient(server.port())) {
            other.send("100d 0004 4d515454 04 02 003c 0001 6f").expect("20020000");
            offender.connect5();
            double before = server.counted("polymq.bad.input", "protocol", "mqtt");

            offender.send("c100");

            assertThat(offender.packet())
                    .startsWith("e0")
                    .satisfies(
                            disconnect -> assertThat(disconnect.substring(4, 6)).isEqualTo("81"));
            offender.expectClosed();
            assertThat(server.counted("polymq.bad.input", "protocol", "mqtt")).isEqualTo(before + 1);
            other.send("c000").expect("d000");
        }
    }

    @Test
    void closesA311ConnectionWithoutAWord() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.connect311().send("f000").expectClosed();
        }
    }

    @Test
    void refusesAPacketThatIsTooLargeBeforeItIsThere() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.connect5().send("30 ffffff7f");

            assertThat(client.packet().substring(4, 6)).isEqualTo("95");
        }
    }

    @Test
    void refusesAWrongConnectInTheFormOfItsVersion() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("100c 0004 4d515454 04 00 000a 0000").expect("20020002").expectClosed();
        }
        try (RawClient client = new RawClient(server.port())) {
            client.send("100d 0004 4d515454 06 02 000a 0001 70");
            assertThat(client.packet()).startsWith("2003").contains("84");
        }
    }

    @Test
    void refusesTopicAliasesAboveTheMaximum() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.connect5().send("30 0b 0005 746f706963 03 2300ff");

            assertThat(client.packet().substring(4, 6)).isEqualTo("94");
        }
    }

    @Test
    void resolvesATopicAlias() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.connect5().send("8209 0001 00 0003 612f62 00").expect("9004 0001 00 00");

            client.send("300b 0003 612f62 03 230001 6869")
                    .expect("3008 0003 612f62 00 6869")
                    .send("3008 0000 03 230001 686a")
                    .expect("3008 0003 612f62 00 686a");
        }
    }

    @Test
    void answersTooManySubscriptionsWithQuotaExceeded() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.connect5();
            for (int i = 0; i < 1_000; i++) {
                client.send(String.format("820a 0001 00 0004 71 3%d 3%d 3%d 00", i / 100, i / 10 % 10, i % 10))
                        .expect("9004 0001 00 00");
            }

            client.send("8208 0001 00 0002 7a7a 00").expect("9004 0001 00 97");
        }
    }

    @Test
    void survivesRandomBytesFromManyConnections() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            try (RawClient client = new RawClient(server.port())) {
                if (random.nextBoolean()) {
                    client.connect5();
                }
                StringBuilder bytes = new StringBuilder();
                for (int n = 1 + random.nextInt(30); n > 0; n--) {
                    bytes.append(String.format("%02x", random.nextInt(256)));
                }
                client.send(bytes.toString());
            }
        }
        try (RawClient client = new RawClient(server.port())) {
            client.connect311().send("c000").expect("d000");
        }
        await().untilAsserted(
                        () -> assertThat(server.connected()).as("seed %d", seed).isZero());
    }
}
