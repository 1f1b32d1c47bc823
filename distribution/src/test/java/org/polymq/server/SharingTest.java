/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.cluster.NodePresence;
import org.polymq.broker.config.ConfigException;
import org.polymq.broker.config.ServerConfig;
import org.polymq.storage.FixedPorts;

class SharingTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String NODES = "cluster.nodes=1@127.0.0.1:25911,2@127.0.0.1:25912";

    @Test
    void aSingleNodeAndASingleGroupShareNothing() {
        assertThat(opens()).isFalse();
        assertThat(opens("cluster.enabled=true", NODES)).isFalse();
        assertThat(opens("cluster.enabled=true", NODES, "cluster.groups=a,b", "cluster.grid=off"))
                .isFalse();
    }

    private static boolean opens(String... sets) {
        try (Sharing sharing = Sharing.open(config(sets), new SimpleMeterRegistry(), InstantSource.system())) {
            return sharing.isShared();
        }
    }

    @Test
    void aPortThatOthersReachHasToBeAccepted() {
        String[] reachable = {
            "bind=0.0.0.0",
            "advertise=192.0.2.1",
            "security.enabled=true",
            "tls.certificate=server.crt",
            "tls.key=server.key",
            "cluster.enabled=true",
            "cluster.groups=a,b",
            "cluster.nodes=1@192.0.2.1:10912",
            "cluster.tls-certificate=node.crt",
            "cluster.tls-key=node.key",
            "cluster.tls-ca=ca.crt"
        };
        assertThatThrownBy(() -> opens(reachable))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cluster.grid: private");
    }

    @Test
    void nodesOfSeveralGroupsAndGatewaysKnowEachOther() throws IOException {
        String members = "cluster.grid-members=127.0.0.1:" + freePort() + ",127.0.0.1:" + freePort();
        List<Sharing> open = new ArrayList<>();
        try {
            String[] ports = members.substring(members.indexOf('=') + 1).split(",", -1);
            open.add(node(members, ports[0], "cluster.node=1", "cluster.groups=a,b"));
            open.add(node(members, ports[1], "cluster.node=2", "cluster.groups=a,b"));
            open.add(node(members, ":" + freePort(), "cluster.role=gateway", "cluster.groups=a,b"));

            await().atMost(LONG).untilAsserted(() -> {
                for (Sharing each : open) {
                    assertThat(each.state().presence().nodes())
                            .extracting(NodePresence::name)
                            .containsExactly("1", "2", "gateway 127.0.0.1");
                    assertThat(each.state().presence().connectionsElsewhere()).isEqualTo(14);
                }
            });
            NodePresence first = open.get(2).state().presence().nodes().get(0);
            assertThat(first.addresses()).containsExactly("mqtt 127.0.0.1:1883");
            assertThat(first.connections()).isEqualTo(7);
        } finally {
            open.parallelStream().forEach(Sharing::close);
        }
    }

    @Test
    void aServerOfSeveralGroupsShowsWhoIsThere(@TempDir Path directory) throws IOException, MqttException {
        int port = freePort();
        ServerConfig config = config(
                "data=" + directory,
                "cluster.enabled=true",
                "cluster.groups=a,b",
                "cluster.node=1",
                "cluster.nodes=1@127.0.0.1:" + new FixedPorts().block(21),
                "cluster.hazelcast-port=" + port,
                "cluster.grid-members=127.0.0.1:" + port,
                "nameserver.port=0",
                "native.port=0",
                "mqtt.port=0",
                "mqtt.websocket-port=0",
                "dashboard.port=0",
                "storage.segment-size=4MB");
        try (ClusterServer server = ClusterServer.open(config, reason -> {})) {
            int dashboard = port(server, "dashboard/a");
            await().atMost(LONG).ignoreExceptions().untilAsserted(() -> {
                assertThat(get(dashboard, "cluster"))
                        .containsPattern(
                                "\"present\":\\[\\{\"name\":\"1\",\"addresses\":\\[\"nameserver 127.0.0.1:\\d+\"");
                assertThat(get(dashboard, "cluster/nodes"))
                        .containsPattern("\"role\":\"leader\",\"state\":\"in touch\",\"connections\":\\d+,\"load\":");
            });
            claimsItsClients(port(server, "mqtt"), dashboard);
            server.hurry();
        }
    }

    private static void claimsItsClients(int mqtt, int dashboard) throws MqttException {
        MqttClient client = new MqttClient("tcp://127.0.0.1:" + mqtt, "lamp", new MemoryPersistence());
        client.setTimeToWait(60_000);
        try {
            await().atMost(LONG).ignoreExceptions().untilAsserted(client::connect);
            await().atMost(LONG)
                    .untilAsserted(() ->
                            assertThat(page(dashboard, "/metrics")).containsPattern("(?m)^polymq_grid_clients 1.0$"));
        } finally {
            client.disconnectForcibly();
            client.close();
        }
    }

    private static int port(ClusterServer server, String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .mapToInt(line -> line.address().getPort())
                .findFirst()
                .orElseThrow();
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        return page(port, "/api/v1/" + path);
    }

    private static String page(int port, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(LONG)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static Sharing node(String members, String address, String... sets) {
        List<String> all = new ArrayList<>(Arrays.asList(sets));
        all.addAll(List.of(
                "cluster.enabled=true",
                NODES,
                members,
                "cluster.hazelcast-port=" + address.substring(address.indexOf(':') + 1)));
        Sharing sharing =
                Sharing.open(config(all.toArray(String[]::new)), new SimpleMeterRegistry(), InstantSource.system());
        InetSocketAddress mqtt = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1883);
        sharing.begin(() -> 7, () -> List.of(new ReadyLines.Line("mqtt", mqtt, "MQTT")));
        return sharing;
    }

    private static ServerConfig config(String... sets) {
        return ServerConfig.load(null, Map.of(), List.of(sets));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
