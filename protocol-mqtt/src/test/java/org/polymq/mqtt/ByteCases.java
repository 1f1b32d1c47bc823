/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What the cases of the specification's statements share: one broker for a class, clients that say exact bytes. */
abstract class ByteCases {
    /** What the broker of these cases allows a 5.0 client. */
    static final int RECEIVE_MAXIMUM = 3;

    static final int TOPIC_ALIASES = 4;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    @TempDir
    static Path directory;

    static TestServer server;

    @BeforeAll
    static void startTheBroker() throws IOException {
        MqttConfig defaults = MqttConfig.defaults();
        MqttConfig.Offers offers = new MqttConfig.Offers(
                TOPIC_ALIASES, Duration.ofDays(1), "answers/", Duration.ZERO, true, Redirect.NEVER, Origins.SAME_HOST);
        server = new TestServer(
                directory,
                new MqttConfig(
                        defaults.decoder(),
                        RECEIVE_MAXIMUM,
                        defaults.maxInFlight(),
                        TOPIC_ALIASES,
                        defaults.maxClientIdLength(),
                        defaults.maxSubscriptions(),
                        defaults.maxWillSize(),
                        defaults.maxSessionExpiry(),
                        defaults.legacySessionExpiry(),
                        defaults.maxKeepAlive(),
                        defaults.maxBacklog(),
                        defaults.maxUnsent(),
                        defaults.requestRate(),
                        offers),
                0);
    }

    @AfterAll
    static void stopTheBroker() {
        server.close();
    }

    /** A client id or topic level that no other case has. */
    static String unique() {
        return "n" + NUMBER.incrementAndGet();
    }

    static RawClient open() throws IOException {
        return new RawClient(server.port());
    }

    /** A 5.0 client with a session that ends with its connection. */
    static RawClient v5(String... properties) throws IOException {
        return accepted5(connect5(unique(), true, properties), false);
    }

    static RawClient accepted5(String connect, boolean present) throws IOException {
        RawClient client = open().send(connect);
        String connAck = client.packet();
        assertThat(connAck).startsWith("20");
        assertThat(connAck.substring(4, 8)).isEqualTo(present ? "0100" : "0000");
        return client;
    }

    /** A 5.0 client with a session that stays. */
    static RawClient kept5(String id, boolean present) throws IOException {
        return accepted5(connect5(id, false, sessionExpiry(1000)), present);
    }

    static RawClient v3() throws IOException {
        return open().send(connect311(unique(), true)).expect("20020000");
    }

    static RawClient kept3(String id, boolean present) throws IOException {
        return open().send(connect311(id, false)).expect(present ? "20020100" : "20020000");
    }

    /** A 5.0 client that is subscribed. */
    static RawClient subscribed5(String filter, int options) throws IOException {
        RawClient client = v5();
        subscribe(client, filter, options);
        return client;
    }

    static void subscribe(RawClient v5, String filter, int options) throws IOException {
        v5.send(subscribe5(1, filter, options)).expect("90040001" + "00" + u8(options & 3));
    }

    static RawClient subscribed3(String filter, int qos) throws IOException {
        return v3().send(subscribe311(1, filter, qos)).expect("90030001" + u8(qos));
    }

    /** The connection lives and has nothing more to say. */
    static void silent(RawClient client) throws IOException {
        client.send(PING).expect(PONG);
    }

    /** A connected 5.0 client that sends this is told the reason and closed. */
    static void refused5(String packet, String reason) throws IOException {
        try (RawClient client = v5()) {
            refused(client.send(packet), reason);
        }
    }

    static void refused(RawClient client, String reason) throws IOException {
        String disconnect = client.packet();
        assertThat(disconnect).startsWith("e0");
        assertThat(disconnect.substring(4, 6)).isEqualTo(reason);
        client.expectClosed();
    }

    /** A connected 3.1.1 client that sends this is closed without a word. */
    static void closed3(String packet) throws IOException {
        try (RawClient client = v3()) {
            client.send(packet).expectClosed();
        }
    }

    /** A 5.0 CONNECT that is refused with a reason and closed. */
    static void refusedConnect5(String connect, String reason) throws IOException {
        try (RawClient client = open().send(connect)) {
            String connAck = client.packet();
            assertThat(connAck).startsWith("20");
            assertThat(connAck.substring(4, 8)).isEqualTo("00" + reason);
            client.expectClosed();
        }
    }

    static void closedConnect(String connect) throws IOException {
        try (RawClient client = open().send(connect)) {
            client.expectClosed();
        }
    }

    /** Publishes from a client of its own and waits until the broker has the message. */
    static void publish(int flags, String topic, String payload, String... properties) throws IOException {
        try (RawClient client = v5()) {
            client.send(publish5(2 | (flags & 1), topic, 1, payload, properties))
                    .expect(puback(1));
        }
    }

    static void publishQos2(String topic, String payload) throws IOException {
        try (RawClient client = v5()) {
            client.send(publish5(4, topic, 1, payload))
                    .expect(pubrec(1))
                    .send(pubrel(1))
                    .expect(pubcomp(1));
        }
    }
}
