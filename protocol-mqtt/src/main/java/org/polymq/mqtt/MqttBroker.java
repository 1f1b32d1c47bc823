/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;

/** The MQTT adapter: what all its connections share, over TCP and over WebSocket. Safe from any thread. */
public final class MqttBroker {
    private final MqttServices services;
    private final MqttConfig config;
    private final BadInput badInput;
    private final MqttMetrics metrics;
    private final Translation translation;
    private final Clients clients = new Clients();
    private final Wills wills = new Wills();
    private final Map<EventExecutor, Lane> lanes = new ConcurrentHashMap<>();

    public MqttBroker(MqttServices services, MqttConfig config, MeterRegistry registry) {
        this.services = services;
        this.config = config;
        this.badInput = new BadInput(registry);
        this.metrics = new MqttMetrics(registry);
        this.translation = new Translation(services.clock());
    }

    /** MQTT as its own bytes. */
    public Protocol tcp() {
        return new TcpProtocol(this);
    }

    /** MQTT in WebSocket frames, at the path {@code /mqtt}. */
    public Protocol webSocket() {
        return new WebSocketProtocol(this);
    }

    /**
     * Publishes the wills that wait for their delay. To be called when the listeners are closed, before the core is.
     */
    public void close() {
        wills.publishAll();
    }

    /** The handler of one more connection. */
    ChannelHandler newConnection() {
        return new MqttConnection(this);
    }

    MqttServices services() {
        return services;
    }

    MqttConfig config() {
        return config;
    }

    BadInput badInput() {
        return badInput;
    }

    MqttMetrics metrics() {
        return metrics;
    }

    Translation translation() {
        return translation;
    }

    Clients clients() {
        return clients;
    }

    Wills wills() {
        return wills;
    }

    /** The one lane of an event loop, so that the core hands over to all its connections at once. */
    Lane lane(EventExecutor loop) {
        return lanes.computeIfAbsent(loop, Lanes::of);
    }
}
