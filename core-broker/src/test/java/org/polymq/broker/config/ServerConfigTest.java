/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.polymq.storage.FlushMode;

class ServerConfigTest {
    @TempDir
    Path directory;

    @Test
    void hasTheseKeysAndDefaults() {
        String shown = load().shown().entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue())
                .map(String::strip)
                .collect(Collectors.joining("\n"));

        assertThat(shown).isEqualTo("""
                        bind = 127.0.0.1
                        advertise =
                        data = ./data
                        cluster.name = DefaultCluster
                        broker.name = broker-a
                        log.level = info
                        log.format = text
                        storage.flush = async
                        storage.flush-interval = 200ms
                        storage.segment-size = 128MB
                        storage.retention = 72h
                        storage.full-below = 256MB
                        storage.views-memory = 32MB
                        storage.backup-directory =
                        topics.default-queues = 4
                        nameserver.embedded = true
                        nameserver.port = 9876
                        nameserver.addresses =
                        nameserver.secret-file =
                        native.port = 10911
                        native.auto-create-topics = true
                        native.max-deliver-size = 4MB
                        native.delay-levels = 1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h
                        native.queue-lock-time = 1m
                        native.transaction-timeout = 6s
                        native.transaction-check-interval = 30s
                        native.transaction-check-max = 15
                        jms.max-deliveries = 10
                        jms.redelivery-delay = 0s
                        jms.redelivery-backoff = 2
                        jms.redelivery-max-delay = 1m
                        jms.transaction-timeout = 5m
                        jms.auto-create = true
                        mqtt.port = 1883
                        mqtt.websocket-port = 8083
                        mqtt.retention = 24h
                        mqtt.max-keep-alive = 0s
                        mqtt.topic-alias-maximum = 0
                        mqtt.server-topic-aliases = 16
                        mqtt.session-expiry = 168h
                        mqtt.shared-subscription-expiry = 168h
                        mqtt.receive-maximum = 10000
                        mqtt.response-information =
                        mqtt.sys-interval = 10s
                        mqtt.reveal-denials = true
                        mqtt.redirect = never
                        mqtt.server-reference =
                        mqtt.websocket-origins =
                        mqtt.proxy-protocol-from =
                        dashboard.port = 8080
                        connectors.plugins = ./plugins
                        connectors.secrets-file =
                        connectors.patience = 30s
                        connectors.max = 100
                        tracing.endpoint =
                        tracing.service-name = polymq
                        limits.connections = 100000
                        limits.connections-per-address = 50000
                        limits.connection-rate = 10000
                        limits.connections-per-user = 0
                        limits.cluster-connections = 0
                        limits.first-bytes = 10s
                        limits.handshake = 20s
                        limits.login-size = 256KB
                        limits.login-memory = 64MB
                        limits.request-rate = 0
                        limits.message-size = 100MB
                        limits.large-message-memory = 64MB
                        limits.jms-frame-size = 16MB
                        limits.mqtt-packet-size = 101MB
                        limits.queue-depth = 100000000
                        limits.topic-length = 1024
                        limits.topic-levels = 128
                        limits.subscriptions-per-session = 10000
                        limits.in-flight = 1024
                        limits.unsent-per-connection = 4MB
                        limits.user-properties = 64
                        limits.user-properties-size = 16KB
                        storage.max-size = 0B
                        storage.clean-below = 1GB
                        mqtt.retention-size = 1GB
                        subscriptions.max-age = 720h
                        subscriptions.max-size = 0B
                        subscriptions.expiry = 0s
                        queues.max-age = 0s
                        queues.max-size = 0B
                        security.enabled = false
                        security.allow-plaintext = false
                        security.anonymous-user =
                        security.key-file =
                        security.admin-password-file =
                        security.password-iterations = 600000
                        security.audit-directory =
                        security.audit-file-size = 10MB
                        security.audit-files = 20
                        tls.certificate =
                        tls.key =
                        tls.keystore =
                        tls.keystore-password-file =
                        tls.client-ca =
                        tls.client-certificates = none
                        tls.reload-interval = 10s
                        tls.sni-directory =
                        mqtt.tls-port = 8883
                        cluster.enabled = false
                        cluster.groups =
                        cluster.role = node
                        cluster.node = 1
                        cluster.nodes =
                        cluster.port = 10912
                        cluster.join = false
                        cluster.tls-certificate =
                        cluster.tls-key =
                        cluster.tls-ca =
                        cluster.election-timeout = 1s
                        cluster.transfer-rate = 64MB
                        cluster.trust-after-power-cut = false
                        cluster.drain = 35s
                        cluster.follower-reads = 1GB
                        cluster.streams = 100000
                        cluster.grid = on
                        cluster.hazelcast-port = 5701
                        cluster.grid-members =""");
    }

    @Test
    void makesOneRecordPerComponent() {
        ServerConfig config = load();

        assertThat(config.bind().isLoopbackAddress()).isTrue();
        assertThat(config.storage().flush()).isEqualTo(FlushMode.ASYNC);
        assertThat(config.storage().retention()).isEqualTo(Duration.ofDays(3));
        assertThat(config.storage().log().segmentSize()).isEqualTo(128 << 20);
        assertThat(config.storage().log().maxEntrySize()).isEqualTo(8 << 20);
        assertThat(config.remoting().port()).isEqualTo(10911);
        assertThat(config.remoting().vipPort()).isEqualTo(10909);
        assertThat(config.remoting().advertise()).isEqualTo(config.bind());
        assertThat(config.nameServer().addresses()).isEmpty();
    }

    @Test
    void letsTheLaterSourceWin() {
        Path file = file("""
                native:
                  port: 1
                mqtt.port: 1
                storage: {flush: sync}
                dashboard:
                  port: 1
                """);
        Map<String, String> environment = Map.of("POLYMQ_MQTT_PORT", "2", "POLYMQ_DASHBOARD_PORT", "2", "PATH", "x");
        List<String> sets = List.of("dashboard.port=3", "mqtt.websocket-port=0", "dashboard.port=4");

        ServerConfig config = ServerConfig.load(file, environment, sets);

        assertThat(config.remoting().port()).isEqualTo(1);
        assertThat(config.remoting().vipPort()).isZero();
        assertThat(config.mqtt().port()).isEqualTo(2);
        assertThat(config.mqtt().webSocketPort()).isZero();
        assertThat(config.dashboard().port()).isEqualTo(4);
        assertThat(config.storage().flush()).isEqualTo(FlushMode.SYNC);
        assertThat(config.nameServer().port()).isEqualTo(9876);
    }

    @Test
    void readsLists() {
        ServerConfig config =
                ServerConfig.load(file("nameserver:\n  addresses: [\"10.0.0.1:9876\", b:1]\n"), Map.of(), List.of());

        assertThat(config.nameServer().addresses()).containsExactly("10.0.0.1:9876", "b:1");
    }

    @Test
    void takesAnEmptyFileForNone() {
        assertThat(ServerConfig.load(file("# nothing\n"), Map.of(), List.of()).shown())
                .isEqualTo(load().shown());
        assertThat(ServerConfig.load(file(""), Map.of(), List.of()).shown()).isEqualTo(load().shown());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "native.prot: 1          | FILE:1: unknown key \"native.prot\"; the nearest known key is \"native.port\"",
                "storage:\\n  flsuh: sync| FILE:2: unknown key \"storage.flsuh\"; the nearest known key is \"storage.flush\"",
                "websocket-port: 1       | FILE:1: unknown key \"websocket-port\"; the nearest known key is \"mqtt.websocket-port\"",
                "native.grpc-port: 8081  | FILE:1: key \"native.grpc-port\" is not supported yet: the gRPC protocol of RocketMQ 5 is not built",
                "mqtt.tls-port: 8883     | FILE:1: mqtt.tls-port needs a certificate: set tls.certificate and tls.key, or tls.keystore",
                "\\nmqtt:\\n  port: x    | FILE:3: mqtt.port is \"x\"; allowed: 0 to 65535 (0 picks a free port)",
                "storage.flush: maybe    | FILE:1: storage.flush is \"maybe\"; allowed: async or sync",
                "storage.retention: 72   | FILE:1: storage.retention is \"72\"; allowed: a duration from 1s to 36500d, such as 200ms, 30s, 5m, 72h or 7d",
                "storage.segment-size: 1 | FILE:1: storage.segment-size is \"1\"; allowed: a size from 64KB to 1GB, such as 64KB, 128MB or 1GB",
                "mqtt.port: 1\\nmqtt:\\n  port: 2 | FILE:3: key \"mqtt.port\" is set twice, first in line 1",
                "mqtt: {port: [{a: 1}]}  | FILE:1: the list of \"mqtt.port\" holds more than texts",
                "- a                     | FILE:1: expected \"key: value\"",
                "mqtt: 5                 | FILE:1: key \"mqtt\" is a group of keys, such as \"mqtt.port\"",
            })
    void saysWhatIsWrongAndWhere(String yaml, String message) {
        Path file = file(yaml.replace("\\n", "\n"));

        assertThatThrownBy(() -> ServerConfig.load(file, Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(message.replace("FILE", file.toString()));
    }

    @Test
    void saysWhereABadOverrideComesFrom() {
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of("POLYMQ_NATIVE_PORT", "99999"), List.of()))
                .hasMessage("environment variable POLYMQ_NATIVE_PORT: native.port is \"99999\"; allowed: 0 to 65535"
                        + " (0 picks a free port)");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), List.of("natve.port=1")))
                .hasMessage("--set natve.port=1: unknown key \"natve.port\"; the nearest known key is \"native.port\"");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), List.of("native.port")))
                .hasMessage("--set native.port: expected key=value");
        assertThatThrownBy(() -> ServerConfig.load(directory.resolve("none.yaml"), Map.of(), List.of()))
                .hasMessageStartingWith("there is no configuration file ");
        assertThatThrownBy(() -> ServerConfig.load(file("a: [\n"), Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(": no YAML: ");
    }

    @Test
    void refusesToBeReachedByOthersWithoutUsersOrUnencrypted() {
        assertThatThrownBy(() ->
                        ServerConfig.load(file("bind: 0.0.0.0\nsecurity.allow-plaintext: true\n"), Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(":1: bind is \"0.0.0.0\", which other machines can reach")
                .hasMessageContaining("security.enabled: true");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), List.of("bind=0.0.0.0", "security.enabled=true")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tls.certificate: ")
                .hasMessageContaining("security.allow-plaintext: true");

        ServerConfig accepted = ServerConfig.load(
                null,
                Map.of(),
                List.of(
                        "bind=0.0.0.0",
                        "security.enabled=true",
                        "security.allow-plaintext=true",
                        "advertise=10.1.2.3"));
        assertThat(accepted.bind().isAnyLocalAddress()).isTrue();
        assertThat(accepted.security().plaintext()).isTrue();
        assertThat(accepted.remoting().advertise().getHostAddress()).isEqualTo("10.1.2.3");
        assertThat(ServerConfig.load(null, Map.of(), List.of("bind=::1")).bind().isLoopbackAddress())
                .isTrue();
    }

    @Test
    void encryptsInsteadOfAcceptingPlaintextWhenThereIsACertificate() {
        ServerConfig config = ServerConfig.load(
                null,
                Map.of(),
                List.of(
                        "bind=0.0.0.0",
                        "advertise=10.1.2.3",
                        "security.enabled=true",
                        "tls.certificate=a.crt",
                        "tls.key=a.key"));

        assertThat(config.security().plaintext()).isFalse();
        assertThat(config.security().tls()).isPresent();
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), List.of("tls.certificate=a.crt")))
                .hasMessageContaining("tls.key");
        assertThatThrownBy(() -> ServerConfig.load(
                        null,
                        Map.of(),
                        List.of("tls.certificate=a.crt", "tls.key=a.key", "tls.client-certificates=required")))
                .hasMessageContaining("tls.client-ca");
    }

    @Test
    void storesMessagesWholeUpToWhatASegmentTakes() {
        assertThat(ServerConfig.load(null, Map.of(), List.of()).storage().maxWholeMessage())
                .isEqualTo(4 << 20);
        ServerConfig small = ServerConfig.load(null, Map.of(), List.of("storage.segment-size=64KB"));
        assertThat(small.storage().log().maxEntrySize()).isEqualTo(60 << 10);
        assertThat(small.storage().maxWholeMessage()).isEqualTo(52 << 10);
    }

    @Test
    void sendsSpansToAnAddressOnly() {
        assertThat(load().tracing().endpoint()).isEmpty();
        assertThat(ServerConfig.load(null, Map.of(), List.of("tracing.endpoint=http://127.0.0.1:4318/v1/traces"))
                        .tracing()
                        .endpoint())
                .hasToString("Optional[http://127.0.0.1:4318/v1/traces]");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), List.of("tracing.endpoint=127.0.0.1:4317")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tracing.endpoint")
                .hasMessageContaining("http");
    }

    @Test
    void isDocumented() throws IOException {
        Path page = Path.of("..", "docs", "configuration.md");

        assertThat(Files.readString(page)).contains(Options.table());
    }

    private static ServerConfig load() {
        return ServerConfig.load(null, Map.of(), List.of());
    }

    private Path file(String yaml) {
        try {
            return Files.writeString(directory.resolve("polymq.yaml"), yaml);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
