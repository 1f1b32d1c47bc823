/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.bridge.kills.Killable;
import org.polymq.broker.connector.ConnectorCounters.Counts;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.polymq.broker.connector.ConnectorView;
import org.polymq.broker.net.TestCertificates;

/**
 * Brokers of other makes that take nothing but TLS with a client's certificate: Artemis, found in JNDI, and RocketMQ.
 * What the bridge sends it also asks for: each message goes there, comes back, and is known to have been here.
 * {@code bin/verify bridges} runs it.
 */
@EnabledIfSystemProperty(named = "polymq.bridges", matches = ".+")
class TlsPeersTest {
    private static final Path BENCHMARKS =
            Path.of("../../benchmarks").toAbsolutePath().normalize();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final int MESSAGES = 20;

    @TempDir
    Path directory;

    private TestCertificates.Made server;
    private TestCertificates.Made client;

    @BeforeEach
    void certificates() {
        server = TestCertificates.make(directory, "server", "CN=localhost");
        client = TestCertificates.make(directory, "client", "CN=bridge");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private String stores(TestCertificates.Made own, Path trusted) {
        return "sslEnabled=true;keyStorePath=%s;keyStorePassword=%s;keyStoreType=PKCS12"
                        .formatted(own.keystore(), own.password())
                + ";trustStorePath=%s;trustStoreType=PEMCA".formatted(trusted);
    }

    @Test
    void artemisFoundInJndi() throws Exception {
        int port = freePort();
        String url = "tcp://127.0.0.1:" + port + "?";
        Map<String, String> options = new HashMap<>();
        options.put("protocol", "jms");
        options.put("plugin", "artemis");
        options.put("jms.jndi-name", "Factory");
        options.put(
                "jms.jndi.java.naming.factory.initial",
                "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory");
        options.put(
                "jms.jndi.connectionFactory.Factory",
                url + stores(client, server.certificate()).replace(';', '&'));
        options.put("out", "a=$queue/a");
        options.put("in", "$queue/a=a");
        Path plugins = Files.createDirectories(directory.resolve("plugins"));
        Files.createSymbolicLink(plugins.resolve("artemis"), BENCHMARKS.resolve("artemis/target/lib"));
        List<String> command = new ArrayList<>(List.of(
                JAVA,
                "-Xmx512m",
                "-cp",
                BENCHMARKS.resolve("target/classes") + ":" + BENCHMARKS.resolve("artemis/target/lib") + "/*",
                "org.polymq.bench.peer.ArtemisPeer",
                directory.resolve("artemis").toString(),
                "async",
                url + stores(server, client.certificate()) + ";needClientAuth=true"));
        goesThereAndBack(command, options);
    }

    @Test
    void rocketMq() throws Exception {
        int nameServerPort = freePort();
        List<String> command = new ArrayList<>(List.of(JAVA, "-Xmx768m", "-XX:MaxDirectMemorySize=512m"));
        Map<String, Object> properties = Map.ofEntries(
                Map.entry("tls.test.mode.enable", false),
                Map.entry("tls.server.mode", "enforcing"),
                Map.entry("tls.server.certPath", server.certificate()),
                Map.entry("tls.server.keyPath", server.key()),
                Map.entry("tls.server.need.client.auth", "require"),
                Map.entry("tls.server.authClient", true),
                Map.entry("tls.server.trustCertPath", client.certificate()),
                Map.entry("tls.client.authServer", true),
                Map.entry("tls.client.trustCertPath", server.certificate()),
                Map.entry("tls.client.certPath", client.certificate()),
                Map.entry("tls.client.keyPath", client.key()));
        properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of(
                "-cp",
                BENCHMARKS.resolve("target/classes") + ":" + BENCHMARKS.resolve("peer/target/lib") + "/*",
                "org.polymq.bench.peer.RocketMqPeer",
                directory.resolve("rocketmq").toString(),
                Integer.toString(nameServerPort),
                Integer.toString(freePort())));
        Files.createDirectories(directory.resolve("rocketmq"));
        goesThereAndBack(
                command,
                Map.of(
                        "protocol",
                        "rocketmq",
                        "url",
                        "rocketmq://127.0.0.1:" + nameServerPort,
                        "out",
                        "a=there",
                        "in",
                        "there=a",
                        "tls",
                        "true",
                        "tls.authority",
                        Files.readString(server.certificate()),
                        "tls.certificate",
                        Files.readString(client.certificate()),
                        "tls.key",
                        Files.readString(client.key())));
    }

    private void goesThereAndBack(List<String> command, Map<String, String> options) throws Exception {
        try (Killable peer = Killable.start(
                        command, "READY", directory.resolve("peer.log").toFile(), line -> {});
                BridgeBed bed = new BridgeBed(directory, "bridge")) {
            bed.define(options);
            // RocketMQ has the topic that it is read from when something was sent there.
            BridgeBed.soon().until(() -> {
                List<Task> links = bed.runner().get("b").status().tasks();
                return !links.isEmpty() && links.get(0).state() == State.RUNNING;
            });
            for (int i = 0; i < MESSAGES; i++) {
                bed.publish("a", "message " + i);
            }

            BridgeBed.soon().untilAsserted(() -> {
                ConnectorView view = bed.runner().get("b");
                Counts counts = view.counts();
                assertThat(view.lag()).as("%s %s", view.status(), counts).isZero();
                assertThat(counts.sent()).as("%s", counts).isGreaterThanOrEqualTo(MESSAGES);
                assertThat(counts.skipped()).as("%s", counts).isGreaterThanOrEqualTo(MESSAGES);
            });
            assertThat(peer.isAlive()).isTrue();
        }
    }
}
