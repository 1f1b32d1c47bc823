/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.RequestRate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The MQTT adapter: what all its connections share, over TCP and over WebSocket. Safe from any thread. */
public final class MqttBroker {
    private static final Logger log = LoggerFactory.getLogger(MqttBroker.class);
    private static final Duration SHARED_CHECK = Duration.ofSeconds(10);

    private final MqttServices services;
    private final MqttConfig config;
    private final PacketIds packetIds;
    private final BadInput badInput;
    private final RequestRate rate;
    private final MqttMetrics metrics;
    private final Translation translation;
    private final SysTopics sys;
    private final Clients clients = new Clients();
    private final Acceptor<MqttConnection> acceptor;
    private final Wills wills;
    private final List<Future<?>> periodic = new CopyOnWriteArrayList<>();
    private final Map<EventExecutor, Lane> lanes = new ConcurrentHashMap<>();

    /** The broker of a cluster of one group. */
    public MqttBroker(MqttServices services, MqttConfig config, MeterRegistry registry) {
        this(services, config, PacketIds.ALL, registry);
    }

    /**
     * The broker of one group of several.
     *
     * @param packetIds those that this group sends with
     */
    public MqttBroker(MqttServices services, MqttConfig config, PacketIds packetIds, MeterRegistry registry) {
        this.packetIds = packetIds;
        this.services = services;
        this.config = config;
        this.badInput = new BadInput(registry);
        this.rate = new RequestRate(config.requestRate(), "mqtt", registry);
        this.metrics = new MqttMetrics(registry);
        this.translation = new Translation(services.clock());
        this.wills = new Wills(services, translation, metrics);
        this.sys = new SysTopics(services.live(), sysValues());
        this.acceptor =
                new Acceptor<>(config, badInput, () -> metrics.refused("origin"), () -> new MqttConnection(this));
    }

    /**
     * Takes up the wills of the run before, and begins the periodic work: {@code $SYS}, and ending shared subscriptions
     * that nobody uses. Called before the listeners open.
     */
    public void start(ScheduledExecutorService timer) {
        wills.recover(timer);
        every(
                timer,
                SHARED_CHECK,
                "ending shared subscriptions",
                () -> services.shared().expire(config.offers().sharedExpiry()));
        Duration interval = config.offers().sysInterval();
        if (!interval.isZero()) {
            every(timer, interval, "publishing $SYS", sys::publish);
        }
    }

    private void every(ScheduledExecutorService timer, Duration pause, String what, Runnable task) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                log.error("periodic work failed: {}", what, e);
            }
        };
        periodic.add(timer.scheduleWithFixedDelay(guarded, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS));
    }

    private Map<String, Supplier<String>> sysValues() {
        long started = services.clock().millis();
        Map<String, Supplier<String>> values = new LinkedHashMap<>();
        values.put("version", () -> "PolyMQ");
        values.put("uptime", () -> (services.clock().millis() - started) / 1000 + " seconds");
        values.put("clients/connected", () -> String.valueOf(metrics.connectedNow()));
        values.put("clients/sessions", () -> String.valueOf(services.sessions().size()));
        values.put("messages/received", () -> String.valueOf(metrics.receivedSoFar()));
        values.put("messages/sent", () -> String.valueOf(metrics.sentSoFar()));
        values.put("messages/dropped", () -> String.valueOf(metrics.droppedSoFar()));
        values.put(
                "retained messages/count",
                () -> String.valueOf(services.retained().size()));
        values.put(
                "heap/current",
                () -> String.valueOf(Runtime.getRuntime().totalMemory()
                        - Runtime.getRuntime().freeMemory()));
        return values;
    }

    /** MQTT as its own bytes. */
    public Protocol tcp() {
        return acceptor.tcp();
    }

    /** MQTT in WebSocket frames, at the path {@code /mqtt}. */
    public Protocol webSocket() {
        return acceptor.webSocket();
    }

    /** Wills that wait for their delay wait on in the log. To be called when the listeners are closed. */
    public void close() {
        periodic.forEach(each -> each.cancel(false));
        wills.close();
    }

    MqttServices services() {
        return services;
    }

    SysTopics sys() {
        return sys;
    }

    MqttConfig config() {
        return config;
    }

    PacketIds packetIds() {
        return packetIds;
    }

    BadInput badInput() {
        return badInput;
    }

    RequestRate rate() {
        return rate;
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
