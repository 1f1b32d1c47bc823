/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.micrometer.core.instrument.Counter;
import java.time.InstantSource;
import java.util.List;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.group.Group;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MessageIds;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What groups that consume by POP need of their surroundings. Safe from any thread. */
record PopContext(
        Broker broker,
        NativeTopicNames names,
        MessageIds ids,
        InstantSource clock,
        String clusterName,
        int maxDeliverSize,
        Counter skipped) {
    private static final Logger log = LoggerFactory.getLogger(PopContext.class);

    /** Ms since the epoch. */
    long now() {
        return clock.millis();
    }

    boolean isDeliverable(StoredMessage message) {
        if (message.record().remaining() <= maxDeliverSize) {
            return true;
        }
        skipped.increment();
        return false;
    }

    /** How often a message is handed out at most. */
    int mostDeliveries(String group) {
        int retries = broker.groups().find(group).map(Group::maxRetries).orElse(Group.DEFAULT_MAX_RETRIES);
        return retries < 0 ? Integer.MAX_VALUE : retries + 1;
    }

    /** Moves a message to the group's dead letters, in one step with its acknowledgement. */
    void deadLetter(String group, Delivery delivery, Consumer consumer, Lane lane) {
        NativeTopicNames.Name name = names.of(NativeTopicNames.DLQ_PREFIX + group);
        broker.topics()
                .ensure(
                        TopicSpec.queue(name.topic(), Topic.Origin.NATIVE),
                        lane,
                        Reply.of(
                                topic -> store(topic, name, delivery, consumer, lane),
                                refused -> comeBack(delivery, consumer, refused)));
    }

    private void store(Topic topic, NativeTopicNames.Name name, Delivery delivery, Consumer consumer, Lane lane) {
        try {
            StoredMessage stored = delivery.message();
            Message message = stored.toNativeMessage();
            String properties = DeadLetters.properties(message, stored, String.valueOf(message.id()));
            NativeEncoder encoder = new NativeEncoder(clusterName, ids);
            broker.publisher()
                    .publishEncoded(
                            new Restored(message, properties, delivery.deliveryCount() - 1)
                                    .encode(encoder, topic, name, 0, 0),
                            consumer.settle(List.of(delivery)),
                            lane,
                            Reply.of(done -> {}, refused -> comeBack(delivery, consumer, refused)));
        } catch (BrokerException unreadable) {
            log.error("a message at log position {} is lost: {}", delivery.position(), unreadable.getMessage());
            consumer.accept(List.of(delivery), false, Reply.of(done -> {}, refused -> {}));
        }
    }

    private static void comeBack(Delivery delivery, Consumer consumer, BrokerException refused) {
        log.warn("a dead letter waits: {}", refused.getMessage());
        consumer.release(List.of(delivery), false);
    }
}
