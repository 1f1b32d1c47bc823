/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.bridge.rocketmq.RocketMqRemote;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.Destination;

class BridgeOptionsTest {
    private final Map<String, String> options =
            new HashMap<>(Map.of("protocol", "mqtt", "url", "mqtt://far:1883", "out", "a, b/#"));

    @Test
    void hasDefaults() {
        BridgeConfig config = BridgeOptions.read("b", options);

        assertThat(config.out()).hasSize(2);
        assertThat(config.in()).isEmpty();
        assertThat(config.remoteId()).isEqualTo("b");
        assertThat(config.remote().qos()).isEqualTo(1);
        assertThat(config.batch()).isEqualTo(256);
        assertThat(config.leastWait()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.mostWait()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.refused()).isEqualTo(RefusalPolicy.DEAD_LETTER);
        assertThat(config.maxMessageSize()).isEqualTo(4 << 20);
        assertThat(config.maxHops()).isEqualTo(16);
        assertThat(config.alarmBacklog()).isEqualTo(100_000);
    }

    @Test
    void prefixesBelongToTheirSides() {
        options.putAll(Map.of("in", "c", "local-prefix", "l/", "remote-prefix", "r/"));

        BridgeConfig config = BridgeOptions.read("b", options);

        assertThat(config.out().get(0).route().from()).isEqualTo(Destination.topic("l/a"));
        assertThat(config.in().get(0).route().from()).isEqualTo(Destination.topic("r/c"));
        assertThat(config.in().get(0).route().map(Destination.topic("r/c"))).isEqualTo(Destination.topic("l/c"));
    }

    @Test
    void whatIsWrongIsSaid() {
        refused(Map.of("retries", "3"), "no option retries");
        refused(Map.of("protocol", "amqp"), "protocol is one of mqtt, jms, rocketmq");
        refused(Map.of("out", ""), "needs topics");
        refused(Map.of("out", "a,a"), "twice");
        refused(Map.of("qos", "3"), "qos");
        refused(Map.of("batch-bytes", "much"), "batch-bytes");
        refused(Map.of("reconnect.min", "1m"), "longer than reconnect.max");
        refused(Map.of("refused", "maybe"), "refused is one of dead-letter, skip, stop");
        refused(Map.of("remote-id", "a b"), "remote-id");
        refused(Map.of("local-id", "x"), "local-id needs remote-id");
        refused(Map.of("local-id", "x", "remote-id", "x"), "local-id needs remote-id");
        refused(Map.of("local-id", "x/", "remote-id", "y"), "local-id");
        refused(Map.of("plugin", "../x"), "plugin");
        refused(Map.of("protocol", "rocketmq", "in", "a/#"), "only MQTT has filters");
    }

    @Test
    void inVersion311WhatIsSentMayNotBeAskedFor() {
        options.put("mqtt.version", "3.1.1");

        refused(Map.of("in", "+"), "cannot tell its own messages");
        refused(Map.of("in", "#"), "'a' of out goes where '#' of in comes from");
        refused(Map.of("in", "b"), "rename one");
        refused(Map.of("in", "+/x"), "rename one");
        refused(Map.of("out", "a=c/d", "in", "c/+"), "rename one");
        options.put("in", "c/#");
        assertThat(BridgeOptions.read("b", options).in()).hasSize(1);
    }

    @Test
    void certificatesAndKeysArePem() {
        refused(Map.of("tls.authority", "nothing"), "tls.authority");
        refused(Map.of("tls.certificate", "nothing"), "belong together");
    }

    @Test
    void onlyWithAnAuthorityRocketMqsCertificatesMayBeOfAnyHost() {
        options.putAll(Map.of("protocol", "rocketmq", "url", "rocketmq://far:9876", "out", "a", "tls", "true"));
        options.put("rocketmq.check-hosts", "false");
        RemoteSettings settings = BridgeOptions.read("b", options).remote();

        assertThatThrownBy(() -> new RocketMqRemote(settings)).hasMessageContaining("needs tls.authority");
    }

    @Test
    void theFrameworksOwnKeysAreLeftToIt() {
        options.put("restart.max", "3");

        assertThat(BridgeOptions.read("b", options).out()).hasSize(2);
    }

    private void refused(Map<String, String> changes, String words) {
        Map<String, String> changed = new HashMap<>(options);
        changed.putAll(changes);
        assertThatThrownBy(() -> BridgeOptions.read("b", changed))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining(words);
    }
}
