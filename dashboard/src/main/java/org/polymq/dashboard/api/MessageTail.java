/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MqttProperties;
import org.polymq.broker.message.StoredMessage;

/**
 * Shows messages to one who looks on, within limits: what comes faster than the client reads, or than a person could
 * want, is counted and told instead of kept. Confined to the connection's lane.
 */
final class MessageTail {
    private static final int MOST_PER_SECOND = 2_000;
    /** How much of a body is sent, bytes. */
    private static final int SHOWN = 16 * 1024;

    private final Events events;
    private final Lane lane;
    private final InstantSource clock;
    private long second;
    private int sent;
    private long missed;

    /**
     * A message.
     *
     * @param position of the log; missing for a message of QoS 0 that nobody needs stored
     */
    record Received(
            @Nullable Long position,
            @Nullable Integer queue,
            @Nullable Long offset,
            @Nullable String storedAt,
            String topic,
            String origin,
            @Nullable String id,
            @Nullable String keys,
            @Nullable String tag,
            @Nullable String contentType,
            Map<String, String> properties,
            MessageViews.Body body) {}

    private record Missed(long messages) {}

    MessageTail(Events events, Lane lane, InstantSource clock) {
        this.events = events;
        this.lane = lane;
        this.clock = clock;
        events.whenRoom(this::tellMissed);
    }

    Lane lane() {
        return lane;
    }

    /** Whether another message may be sent now; if not it is counted. */
    boolean takes() {
        long now = clock.millis() / 1_000;
        if (now != second) {
            second = now;
            sent = 0;
        }
        if (sent >= MOST_PER_SECOND || !events.hasRoom()) {
            missed++;
            return false;
        }
        sent++;
        tellMissed();
        return true;
    }

    /** A message could not be read any more. */
    void missed() {
        missed++;
    }

    private void tellMissed() {
        if (missed > 0) {
            events.send("missed", new Missed(missed));
            missed = 0;
        }
    }

    /** Sends a message that {@linkplain #takes may} be sent. */
    void show(String topic, Message message, @Nullable StoredMessage stored, @Nullable Long offset) {
        Map<String, String> properties = new LinkedHashMap<>();
        MqttProperties.forEach(message, properties::put);
        events.send(
                "message",
                new Received(
                        stored == null ? null : stored.position(),
                        stored == null ? null : stored.queueId(),
                        offset,
                        stored == null ? null : Texts.time(stored.storeTime()),
                        topic,
                        message.origin().name().toLowerCase(Locale.ROOT),
                        message.id(),
                        message.keys(),
                        message.tag(),
                        Bodies.contentType(message),
                        properties,
                        stored == null ? MessageViews.body(message, SHOWN) : MessageViews.body(stored, SHOWN)));
    }
}
