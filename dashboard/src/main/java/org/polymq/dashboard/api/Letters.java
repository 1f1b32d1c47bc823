/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyReader;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Upload;
import org.polymq.broker.subscription.DeadLetters;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;

/**
 * What a dead letter tells of its origin, and the message that it was. One of a RocketMQ group goes to that group alone
 * again, by its retry topic; any other goes where it was published to.
 */
final class Letters {
    static final String PREFIX = "%DLQ%";
    private static final String RETRY = "%RETRY%";
    private static final Set<String> ADDED = Set.of(
            NativeNames.DLQ_ORIGIN_TOPIC,
            NativeNames.DLQ_ORIGIN_MESSAGE_ID,
            DeadLetters.ORIGIN_PATH,
            DeadLetters.REASON,
            DeadLetters.DELIVERIES);

    private final Broker broker;

    Letters(Broker broker) {
        this.broker = broker;
    }

    /**
     * What a letter says.
     *
     * @param topic the first level that it was published to
     * @param retryTopic what a RocketMQ group reads to get it again; null if it is no letter of such a group
     */
    record Story(
            @Nullable String topic,
            @Nullable String path,
            @Nullable String messageId,
            @Nullable String reason,
            @Nullable Integer deliveries,
            @Nullable String retryTopic) {}

    Story story(String queue, StoredMessage letter) {
        String properties = letter.propertiesForNative();
        boolean ofGroup = NativeProperties.get(properties, NativeNames.RETRY_TOPIC) != null;
        Message headers = letter.toHeaders();
        return new Story(
                NativeProperties.get(properties, NativeNames.DLQ_ORIGIN_TOPIC),
                property(headers, DeadLetters.ORIGIN_PATH),
                NativeProperties.get(properties, NativeNames.DLQ_ORIGIN_MESSAGE_ID),
                property(headers, DeadLetters.REASON),
                ofGroup ? Integer.valueOf(headers.reconsumeTimes()) : number(property(headers, DeadLetters.DELIVERIES)),
                ofGroup ? RETRY + queue.substring(PREFIX.length()) : null);
    }

    private static @Nullable String property(Message message, String name) {
        for (Property property : message.properties()) {
            if (property.name().equals(name)) {
                return property.text();
            }
        }
        return null;
    }

    private static @Nullable Integer number(@Nullable String text) {
        return text == null || !text.matches("\\d{1,9}") ? null : Integer.valueOf(text);
    }

    /**
     * The message to publish again.
     *
     * @param lane where a large body is uploaded from
     * @throws BrokerException TOPIC_NOT_FOUND if what it was published to is gone
     */
    Outgoing again(String queue, StoredMessage letter, Lane lane) {
        Story story = story(queue, letter);
        return story.retryTopic() != null ? toGroup(letter, story.retryTopic()) : toOrigin(letter, story, lane);
    }

    private static Outgoing toGroup(StoredMessage letter, String retryTopic) {
        Message message = letter.toNativeMessage();
        String properties = Objects.requireNonNullElse(message.nativeProperties(), "");
        return Outgoing.toTopic(message.toBuilder()
                .address(Address.of(retryTopic))
                .nativeProperties(properties)
                .reconsumeTimes(0)
                .build());
    }

    private Outgoing toOrigin(StoredMessage letter, Story story, Lane lane) {
        Topic topic = story.topic() == null ? null : broker.topics().get(story.topic());
        if (topic == null) {
            throw new BrokerException(
                    Reason.TOPIC_NOT_FOUND,
                    story.topic() == null
                            ? "the message does not say where it was published to"
                            : "'" + story.topic() + "', where it was published to, is deleted");
        }
        Message whole = letter.isChunked() ? letter.toHeaders() : letter.toMessage();
        List<Property> properties = whole.properties().stream()
                .filter(property -> !ADDED.contains(property.name()))
                .toList();
        Message message = whole.toBuilder()
                .address(new Address(topic.name(), story.path()))
                .properties(properties)
                .origin(Origin.BROKER)
                .build();
        Outgoing outgoing = topic.kind() == TopicKind.QUEUE ? Outgoing.toQueue(message) : Outgoing.toTopic(message);
        return letter.isChunked() ? outgoing.withBody(copy(letter.bodyReader(), lane)) : outgoing;
    }

    private Upload copy(BodyReader body, Lane lane) {
        Upload upload = broker.publisher().begin(lane);
        body.forEachRemaining(upload::part);
        return upload;
    }
}
