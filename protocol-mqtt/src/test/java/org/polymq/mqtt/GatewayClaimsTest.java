/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.polymq.mqtt.Packets.*;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.cluster.ClientClaims;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.mqtt.gateway.MqttGateway;

/** What a gateway tells others of its clients, and what it does when they tell it. */
class GatewayClaimsTest {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Map<String, Runnable> taken = new ConcurrentHashMap<>();
    private final Transport transport = Transport.open(1);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);

    @TempDir
    private Path directory;

    private TestServer groups;
    private Listener gateway;

    @BeforeEach
    void start() throws IOException {
        groups = TestServer.ofGroups(directory, 2, MqttConfig.defaults());
        ClientClaims claims = (clientId, whenTaken) -> {
            said.add("begin " + clientId);
            taken.put(clientId, whenTaken);
            return new ClientClaims.Claim() {
                @Override
                public void hold() {
                    said.add("hold " + clientId);
                }

                @Override
                public void release() {
                    said.add("release " + clientId);
                }
            };
        };
        gateway = listeners.bind(
                "mqtt",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new MqttGateway(groups.groups(), MqttConfig.defaults(), claims, registry).tcp());
    }

    @AfterEach
    void stop() {
        listeners.close(Duration.ofSeconds(5));
        groups.close();
        transport.close();
    }

    private static String connect(String clientId) {
        return packet("10", text("MQTT"), "05", "02", "003c", properties(), text(clientId));
    }

    @Test
    void claimsAClientThatWasLetInForAsLongAsItIsConnected() throws IOException {
        try (RawClient client = new RawClient(gateway.port()).send(connect("c"))) {
            assertThat(client.packet().substring(6, 8)).isEqualTo("00");
            assertThat(said).containsExactly("begin c", "hold c");
        }
        await().untilAsserted(() -> assertThat(said).containsExactly("begin c", "hold c", "release c"));
    }

    @Test
    void claimsNobodyWhoIsRefused() throws IOException {
        String tooLong = "c".repeat(MqttConfig.defaults().maxClientIdLength() + 1);
        try (RawClient client = new RawClient(gateway.port()).send(connect(tooLong))) {
            assertThat(client.packet().substring(6, 8)).isEqualTo("85");
            client.expectClosed();
        }
        await().untilAsserted(() -> assertThat(said).containsExactly("begin " + tooLong, "release " + tooLong));
    }

    @Test
    void closesAConnectionWhoseClientIsElsewhere() throws IOException {
        try (RawClient client = new RawClient(gateway.port()).send(connect("c"))) {
            assertThat(client.packet().substring(6, 8)).isEqualTo("00");

            Objects.requireNonNull(taken.get("c")).run();

            assertThat(client.packet()).startsWith("e0").contains("8e");
            client.expectClosed();
        }
        assertThat(said).containsExactly("begin c", "hold c", "release c");
    }

    @Test
    void theHomeGroupEndsTheOldConnectionWhoeverHoldsIt() throws IOException {
        try (RawClient old = new RawClient(gateway.port()).send(connect("c"))) {
            assertThat(old.packet().substring(6, 8)).isEqualTo("00");

            // By the other gateway, of which this one is not told.
            try (RawClient fresh = new RawClient(groups.port()).send(connect("c"))) {
                assertThat(fresh.packet().substring(6, 8)).isEqualTo("00");
                assertThat(old.packet()).startsWith("e0").contains("8e");
                old.expectClosed();
                fresh.send(PING).expect(PONG);
            }
        }
        assertThat(said).containsExactly("begin c", "hold c", "release c");
    }
}
