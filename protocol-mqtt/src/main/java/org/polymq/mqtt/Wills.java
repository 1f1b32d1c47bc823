/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.security.Origin;
import org.polymq.broker.session.StoredWill;
import org.polymq.broker.topic.TopicKind;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.Will;
import org.polymq.mqtt.wire.WillBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes wills when they are due. They are in the log from CONNECT on: one whose connection ended with the broker,
 * or whose delay was not over then, is published after the next start. Safe from any thread.
 */
final class Wills {
    private static final Logger log = LoggerFactory.getLogger(Wills.class);

    /** After a start, so that those who watch for wills are back. MQTT 5, 3.1.2.5 lets them wait. */
    private static final Duration AFTER_START = Duration.ofSeconds(3);

    private final MqttServices services;
    private final Translation translation;
    private final MqttMetrics metrics;
    /** Those whose connection is over. */
    private final Map<String, Waiting> byClient = new ConcurrentHashMap<>();

    private record Waiting(StoredWill will, Lane lane, long dueAt, Future<?> timer) {}

    Wills(MqttServices services, Translation translation, MqttMetrics metrics) {
        this.services = services;
        this.translation = translation;
        this.metrics = metrics;
    }

    /** Takes up what the run before has left. Called once, before there are connections. */
    void recover(ScheduledExecutorService timer) {
        long now = services.clock().millis();
        for (StoredWill will : services.wills().all()) {
            long dueAt = will.dueAt();
            if (dueAt == 0) { // its connection ended with the broker
                dueAt = now + will.delaySeconds() * 1_000;
                services.wills().due(will, dueAt);
            }
            long pause = Math.max(dueAt - now, AFTER_START.toMillis());
            schedule(will, Lane.direct(), dueAt, timer, pause);
        }
    }

    /** Stores the will of a client whose CONNECT is accepted. */
    void store(String clientId, String user, Will will, long delaySeconds, Lane lane, Reply<StoredWill> reply) {
        services.wills().store(clientId, user, delaySeconds, WillBytes.of(will), lane, reply);
    }

    /** The client said goodbye, or was never there. */
    void discard(StoredWill will) {
        services.wills().discard(will);
    }

    /** The connection is over: the will is published now, or after the delay unless the client is back before. */
    void leave(StoredWill will, long delaySeconds, Lane lane, EventExecutor loop) {
        if (delaySeconds == 0) {
            publish(will, lane);
            return;
        }
        long pause = delaySeconds * 1_000;
        long dueAt = services.clock().millis() + pause;
        services.wills().due(will, dueAt);
        schedule(will, lane, dueAt, loop, pause);
    }

    private void schedule(StoredWill will, Lane lane, long dueAt, ScheduledExecutorService executor, long pauseMillis) {
        Future<?> timer = executor.schedule(
                () -> publishWaiting(will), Math.min(pauseMillis, Integer.MAX_VALUE * 1_000L), TimeUnit.MILLISECONDS);
        byClient.put(will.clientId(), new Waiting(will, lane, dueAt, timer));
    }

    /**
     * The client has connected again.
     *
     * @param present whether its session goes on: then a will that is not due yet is forgotten (MQTT 5, 3.1.3-9)
     */
    void connected(String clientId, boolean present) {
        Waiting waiting = byClient.remove(clientId);
        if (waiting == null) {
            return;
        }
        waiting.timer().cancel(false);
        if (present && waiting.dueAt() > services.clock().millis()) {
            discard(waiting.will());
        } else {
            publish(waiting.will(), waiting.lane());
        }
    }

    private void publishWaiting(StoredWill will) {
        Waiting waiting = byClient.get(will.clientId());
        if (waiting != null && waiting.will().id() == will.id() && byClient.remove(will.clientId(), waiting)) {
            publish(waiting.will(), waiting.lane());
        }
    }

    private void publish(StoredWill stored, Lane lane) {
        try {
            Will will = WillBytes.read(stored.message(), stored.delaySeconds());
            Permits permits = new Permits(services.security().access(stored.owner(), new Origin("mqtt", "")));
            permits.publish(will.topic());
            Outgoing outgoing = translation.toCore(
                    new Translation.Client(stored.clientId(), null),
                    will.topic(),
                    will.qos(),
                    will.retain(),
                    will.properties(),
                    will.payload());
            Reply<Stored> reply = Reply.of(done -> {}, refused -> refused(stored, refused));
            if (will.qos() == 0 && outgoing.kind() == TopicKind.TOPIC) {
                services.publisher().publishUnacknowledged(outgoing.message(), lane, reply);
                discard(stored);
            } else {
                services.publisher()
                        .commit(
                                List.of(outgoing),
                                List.of(services.wills().published(stored)),
                                lane,
                                Reply.of(done -> {}, refused -> refused(stored, refused)));
            }
        } catch (BrokerException | PacketException refused) {
            refused(stored, refused);
        }
    }

    private void refused(StoredWill stored, @Nullable Exception refused) {
        metrics.refused("will");
        discard(stored);
        log.warn(
                "the will of client {} was not published: {}",
                stored.clientId(),
                refused == null ? "" : refused.getMessage());
    }

    /** The broker stops: what waits is published after the next start. */
    void close() {
        byClient.values().forEach(waiting -> waiting.timer().cancel(false));
        byClient.clear();
    }
}
