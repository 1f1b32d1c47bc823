/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;

/**
 * Messages over HTTP: browsed by queue and offset, found by key, id and time, shown whole, and sent. Reading needs SUB
 * on all of the topic, sending PUB on the name. What has to be read from the disk is read aside.
 */
public final class MessageRoutes {
    private static final int MOST = 200;
    private static final int USUAL = 20;

    private final Broker broker;
    private final Aside aside;

    public MessageRoutes(Broker broker) {
        this.broker = broker;
        this.aside = new Aside(broker.coldReads());
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("topics/{topic}/messages", "message browse", this::browse)
                        .says("Messages of one queue: the newest, or from an offset or time on; nothing is consumed."
                                + " Needs SUB on all of the topic.")
                        .number("queue", "which queue of the topic; 0 if not given")
                        .number("limit", "how many, 1 to " + MOST)
                        .number("offset", "the first offset")
                        .text("time", "from this time on")
                        .gives(Browsed.class),
                Route.get("messages", "message find", this::find)
                        .says("Messages by id or key, the newest first. Needs SUB on all of the topic.")
                        .text("topic", "the topic's or queue's name")
                        .text("key", "an id or a key")
                        .text("from", "stored at or after this time")
                        .text("to", "stored at or before this time")
                        .number("limit", "how many, 1 to " + MOST)
                        .lists("messages", MessageViews.Row.class),
                Route.get("messages/{position}", "message show", this::show)
                        .says("One message in the terms of all three protocols. Needs SUB on all of its topic.")
                        .gives(MessageViews.Whole.class),
                Route.post("messages", "message send", this::send)
                        .says("Sends one to a topic (an MQTT name) or a queue. Needs PUB on the name.")
                        .takes(NewMessage.class)
                        .gives(Sent.class));
    }

    // ---- what travels

    private record NewMessage(
            @Nullable String topic,
            @Nullable String queue,
            @Nullable String body,
            @Nullable String encoding,
            @Nullable String keys,
            @Nullable String tag,
            @Nullable String contentType,
            @Nullable String replyTo,
            @Nullable String correlation,
            @Nullable Integer priority,
            @Nullable Boolean retain,
            @Nullable String delay,
            @Nullable String expiresIn,
            @Nullable Map<String, String> properties) {}

    private record Browsed(List<MessageViews.Row> messages, long next, long end) {}

    private record Sent(long position, int queue, long offset, String storedAt) {}

    // ---- handlers

    /** From an offset or time on, or the newest; {@code next} is the offset to go on from. */
    private void browse(Call call, Reply<Object> reply) {
        Topic topic = readable(call, call.path("topic"));
        int queue = (int) call.number("queue", 0, 0, topic.queues() - 1L);
        int limit = (int) call.number("limit", USUAL, 1, MOST);
        long key = topic.queueKey(queue);
        String offset = call.query("offset", "");
        String time = call.query("time", "");
        aside.run(call, reply, () -> {
            long start = broker.queues().start(key);
            long end = broker.queues().end(key);
            long from;
            if (!offset.isEmpty()) {
                from = call.number("offset", 0, 0, Long.MAX_VALUE);
            } else if (!time.isEmpty()) {
                from = broker.queues().offsetAt(key, Texts.instant(time));
            } else {
                from = end - limit;
            }
            return page(topic, key, Math.max(start, from), end, limit);
        });
    }

    private Browsed page(Topic topic, long key, long from, long end, int limit) {
        List<MessageViews.Row> rows = new ArrayList<>();
        long[] next = {from};
        if (from < end) {
            broker.queues().visit(key, from, limit, (offset, position, size, tagHash, expiresAt) -> {
                next[0] = offset + 1;
                readIfThere(position)
                        .ifPresent(
                                stored -> rows.add(MessageViews.row(stored, offset, topic.kind() == TopicKind.QUEUE)));
                return true;
            });
        }
        return new Browsed(rows, Math.min(end, Math.max(from, next[0])), end);
    }

    /** One that retention took meanwhile is left out. */
    private Optional<StoredMessage> readIfThere(long position) {
        try {
            return Optional.of(broker.messages().read(position));
        } catch (BrokerException gone) {
            if (gone.reason() == Reason.UNAVAILABLE) {
                return Optional.empty();
            }
            throw gone;
        }
    }

    private void find(Call call, Reply<Object> reply) {
        Topic topic = readable(call, call.query("topic"));
        long from = call.time("from", 0);
        long to = call.time("to", Long.MAX_VALUE);
        int limit = (int) call.number("limit", USUAL, 1, MOST);
        boolean isQueue = topic.kind() == TopicKind.QUEUE;
        broker.finder()
                .byKeyOrId(
                        topic.name(),
                        call.query("key"),
                        from,
                        to,
                        limit,
                        call.lane(),
                        Call.mapped(
                                reply,
                                found -> Map.of(
                                        "messages",
                                        found.stream()
                                                .map(stored -> (Object)
                                                        MessageViews.row(stored, stored.queueOffset(), isQueue))
                                                .toList())));
    }

    private void show(Call call, Reply<Object> reply) {
        long position = call.pathNumber("position");
        aside.run(call, reply, () -> {
            StoredMessage stored = existing(broker, position);
            Topic topic = broker.topics().get(stored.topicId());
            if (topic == null) {
                throw new BrokerException(Reason.TOPIC_NOT_FOUND, "the message's topic is deleted");
            }
            call.access().read(topic.name());
            long offset = broker.queues().offsetOf(topic.queueKey(stored.queueId()), position);
            return MessageViews.whole(stored, offset, topic.kind() == TopicKind.QUEUE);
        });
    }

    /** The message at a position; refuses if there is none. May wait for the disk. */
    static StoredMessage existing(Broker broker, long position) {
        try {
            return broker.messages().read(position);
        } catch (BrokerException none) {
            throw new BrokerException(
                    Reason.TOPIC_NOT_FOUND,
                    "there is no message at position " + position + ", or none any more: " + none.getMessage(),
                    none);
        }
    }

    private void send(Call call, Reply<Object> reply) {
        NewMessage wanted = call.body(NewMessage.class);
        boolean toQueue = wanted.queue() != null;
        if (toQueue == (wanted.topic() != null)) {
            throw new BrokerException(Reason.INVALID_REQUEST, "give either topic (an MQTT name) or queue");
        }
        Address address =
                toQueue ? Names.ofQueue(String.valueOf(wanted.queue())) : Names.ofMqtt(String.valueOf(wanted.topic()));
        call.about(address.name());
        call.access().publish(toQueue ? Destination.queue(address.topic()) : Destination.topic(address.name()));
        Message message = message(wanted, address);
        broker.publisher()
                .publish(
                        toQueue ? Outgoing.toQueue(message) : Outgoing.toTopic(message),
                        call.lane(),
                        Call.mapped(reply, MessageRoutes::sent));
    }

    private static Sent sent(Stored stored) {
        return new Sent(stored.position(), stored.queueId(), stored.queueOffset(), Texts.time(stored.storeTime()));
    }

    private static Message message(NewMessage wanted, Address address) {
        long now = System.currentTimeMillis();
        Message.Builder message = Message.to(address)
                .origin(Origin.MQTT)
                .qos(2)
                .bornTime(now)
                .body(BodyKind.BYTES, body(wanted))
                .keys(wanted.keys())
                .tag(wanted.tag())
                .contentType(wanted.contentType())
                .retain(Boolean.TRUE.equals(wanted.retain()))
                .correlation(
                        wanted.correlation() == null
                                ? null
                                : wanted.correlation().getBytes(UTF_8))
                .replyTo(wanted.replyTo() == null ? null : Destination.ofMqttName(wanted.replyTo()));
        if (!"base64".equals(wanted.encoding())) {
            message.payloadFormat(1);
        }
        if (wanted.priority() != null) {
            if (wanted.priority() < 0 || wanted.priority() > 9) {
                throw new BrokerException(
                        Reason.INVALID_REQUEST, "priority is " + wanted.priority() + "; it has to be 0 to 9");
            }
            message.priority(wanted.priority());
        }
        if (wanted.delay() != null) {
            message.deliverAt(now + Texts.millis(wanted.delay(), 0));
        }
        if (wanted.expiresIn() != null) {
            message.expiresAt(now + Texts.millis(wanted.expiresIn(), 0));
        }
        if (wanted.properties() != null) {
            List<Property> properties = new ArrayList<>();
            wanted.properties().forEach((name, value) -> properties.add(Property.of(name, value)));
            message.properties(properties);
        }
        return message.build();
    }

    private static byte[] body(NewMessage wanted) {
        String body = wanted.body() == null ? "" : wanted.body();
        String encoding = wanted.encoding() == null ? "text" : wanted.encoding();
        return switch (encoding) {
            case "text" -> body.getBytes(UTF_8);
            case "base64" -> decoded(body);
            default ->
                throw new BrokerException(
                        Reason.INVALID_REQUEST, "encoding is '" + encoding + "'; it has to be text or base64");
        };
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the body is not Base64", e);
        }
    }

    // ---- parts

    private Topic readable(Call call, String name) {
        call.access().read(name);
        Topic topic = broker.topics().get(name);
        if (topic == null) {
            throw Page.unknown("topic or queue", name);
        }
        return topic;
    }
}
