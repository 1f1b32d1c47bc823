/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerMetrics;
import org.polymq.broker.connector.ConnectorGroups;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Transport;
import org.polymq.jms.gateway.JmsProtocol;
import org.polymq.mqtt.MqttBroker;
import org.polymq.mqtt.MqttServices;
import org.polymq.remoting.NativeGateway;
import org.polymq.remoting.Replica;
import org.polymq.remoting.TopicConfigs;

/** All protocols and connectors over one started broker. Connections have to be closed before. */
final class Gateways implements AutoCloseable {
    /** How long connectors may take to end when the server stops or does not lead any more. */
    private static final Duration CONNECTORS_GRACE = Duration.ofSeconds(5);

    private final NativeGateway remoting;
    private final JmsProtocol jms;
    private final MqttBroker mqtt;
    private final ConnectorRunner connectors;

    private final Optional<OtlpSpans> spans;

    private Gateways(
            NativeGateway remoting,
            JmsProtocol jms,
            MqttBroker mqtt,
            ConnectorRunner connectors,
            Optional<OtlpSpans> spans) {
        this.spans = spans;
        this.remoting = remoting;
        this.jms = jms;
        this.mqtt = mqtt;
        this.connectors = connectors;
    }

    /** @param groups of the cluster, if there are several */
    static Gateways open(
            Broker broker,
            ComponentSettings settings,
            Transport transport,
            ConnectorKinds kinds,
            Optional<ConnectorGroups> groups,
            MeterRegistry registry,
            InstantSource clock,
            Replica replica) {
        new BrokerMetrics(broker).bindTo(registry);
        NativeGateway remoting = NativeGateway.open(
                broker,
                settings.remoting(),
                clock,
                registry,
                transport.workers().next(),
                replica);
        JmsProtocol jms = new JmsProtocol(broker, registry, settings.jms(clock.millis()));
        MqttBroker mqtt =
                new MqttBroker(MqttServices.of(broker, clock), settings.mqtt(), settings.packetIds(), registry);
        mqtt.start(transport.workers());
        ConnectorRunner connectors = new ConnectorRunner(broker.forConnectors(), kinds, groups, registry, clock);
        connectors.start();
        Optional<OtlpSpans> spans = settings.spans();
        spans.ifPresent(broker.followers()::add);
        return new Gateways(remoting, jms, mqtt, connectors, spans);
    }

    ConnectorRunner connectors() {
        return connectors;
    }

    Protocol jms() {
        return jms;
    }

    /** @param jms how JMS clients are served */
    Speaking speaking(List<Protocol> jms, Protocol dashboard) {
        return new Speaking(
                Stream.concat(Stream.of(remoting.protocol()), jms.stream()).toList(),
                List.of(remoting.vipProtocol()),
                mqtt.tcp(),
                mqtt.webSocket(),
                dashboard,
                List.of(mqtt.tcp(), this.jms, connectors.streams()),
                false);
    }

    TopicConfigs topicConfigs() {
        return remoting.topicConfigs();
    }

    @Override
    public void close() {
        connectors.close(CONNECTORS_GRACE);
        mqtt.close();
        remoting.close();
        spans.ifPresent(OtlpSpans::close);
    }
}
