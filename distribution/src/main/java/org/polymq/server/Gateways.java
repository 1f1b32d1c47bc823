/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerMetrics;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Transport;
import org.polymq.jms.gateway.JmsProtocol;
import org.polymq.mqtt.MqttBroker;
import org.polymq.mqtt.MqttServices;
import org.polymq.remoting.NativeGateway;
import org.polymq.remoting.TopicConfigs;

/** All protocols over one started broker. Connections have to be closed before. */
final class Gateways implements AutoCloseable {
    private final NativeGateway remoting;
    private final JmsProtocol jms;
    private final MqttBroker mqtt;

    private Gateways(NativeGateway remoting, JmsProtocol jms, MqttBroker mqtt) {
        this.remoting = remoting;
        this.jms = jms;
        this.mqtt = mqtt;
    }

    static Gateways open(
            Broker broker,
            ComponentSettings settings,
            Transport transport,
            MeterRegistry registry,
            InstantSource clock) {
        new BrokerMetrics(broker).bindTo(registry);
        NativeGateway remoting = NativeGateway.open(
                broker,
                settings.remoting(),
                clock,
                registry,
                transport.workers().next());
        JmsProtocol jms = new JmsProtocol(broker, registry, settings.jms(clock.millis()));
        MqttBroker mqtt = new MqttBroker(MqttServices.of(broker, clock), settings.mqtt(), registry);
        mqtt.start(transport.workers());
        return new Gateways(remoting, jms, mqtt);
    }

    Speaking speaking(Protocol dashboard) {
        return new Speaking(
                List.of(remoting.protocol(), jms),
                List.of(remoting.vipProtocol()),
                mqtt.tcp(),
                mqtt.webSocket(),
                dashboard,
                false);
    }

    TopicConfigs topicConfigs() {
        return remoting.topicConfigs();
    }

    @Override
    public void close() {
        mqtt.close();
        remoting.close();
    }
}
