/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.bridge.kills.Killable;
import org.polymq.broker.connector.ConnectorCounters.Counts;
import org.polymq.broker.connector.ConnectorView;
import org.polymq.broker.net.TestCertificates;

/**
 * Artemis over TLS with client certificates, found in JNDI. What the bridge sends it also asks for: each message goes
 * there, comes back, and is known to have been here. {@code bin/verify bridges} runs it.
 */
@EnabledIfSystemProperty(named = "polymq.bridges", matches = ".+")
class ArtemisTest {
    private static final Path BENCHMARKS =
            Path.of("../../benchmarks").toAbsolutePath().normalize();
    private static final int MESSAGES = 20;

    @TempDir
    Path directory;

    private TestCertificates.Made server;
    private TestCertificates.Made client;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(Long.getLong("polymq.patience", 180)));
    }

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
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                BENCHMARKS.resolve("target/classes") + ":" + BENCHMARKS.resolve("artemis/target/lib") + "/*",
                "org.polymq.bench.peer.ArtemisPeer",
                directory.resolve("artemis").toString(),
                "async",
                url + stores(server, client.certificate()) + ";needClientAuth=true"));
        goesThereAndBack(command, options);
    }

    private void goesThereAndBack(List<String> command, Map<String, String> options) throws Exception {
        try (Killable peer = Killable.start(
                        command, "READY", directory.resolve("peer.log").toFile(), line -> {});
                BridgeBed bed = new BridgeBed(directory, "bridge")) {
            bed.define(options);
            for (int i = 0; i < MESSAGES; i++) {
                bed.publish("a", "message " + i);
            }

            soon().untilAsserted(() -> {
                ConnectorView view = bed.runner().get("b");
                assertThat(view.lag()).as("%s", view.status()).isZero();
            });
            soon().until(() -> {
                Counts counts = bed.runner().get("b").counts();
                return counts.sent() >= MESSAGES && counts.skipped() >= MESSAGES;
            });
            assertThat(peer.isAlive()).isTrue();
        }
    }
}
