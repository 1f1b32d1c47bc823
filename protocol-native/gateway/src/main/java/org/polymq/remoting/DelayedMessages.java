/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.broker.topic.Topics;

/**
 * Stages delayed messages: each delay level is a queue of a topic of its own, in which due times only rise. What is
 * staged is in the log like any message, so a delayed message outlives a crash. {@link DelayQueue} moves what is due.
 */
final class DelayedMessages {
    static final String TOPIC = "SCHEDULE_TOPIC_XXXX";
    static final String REAL_TOPIC = "REAL_TOPIC";
    static final String REAL_QUEUE = "REAL_QID";

    private final Topics topics;
    private final NativeTopicNames.Name name;
    private final InstantSource clock;
    private final Consumer<Topic> whenMade;
    private final AtomicBoolean told = new AtomicBoolean();

    /** {@code whenMade} is called once, when the staging topic is there: at once, or by the first who made it. */
    DelayedMessages(Topics topics, NativeTopicNames names, InstantSource clock, Consumer<Topic> whenMade) {
        this.topics = topics;
        this.name = names.of(TOPIC);
        this.clock = clock;
        this.whenMade = whenMade;
        Optional.ofNullable(topics.get(name.topic())).ifPresent(this::made);
    }

    /** The native name of the staging topic. */
    NativeTopicNames.Name name() {
        return name;
    }

    /** The staging topic, made if need be. */
    void topic(Lane lane, Reply<Topic> reply) {
        Topic topic = topics.get(name.topic());
        if (topic != null) {
            reply.ok(topic);
            return;
        }
        topics.ensure(TopicSpec.topic(name.topic(), DelayLevels.COUNT, Topic.Origin.NATIVE), lane, new Reply<>() {
            @Override
            public void ok(Topic topic) {
                made(topic);
                reply.ok(topic);
            }

            @Override
            public void failed(BrokerException cause) {
                reply.failed(cause);
            }
        });
    }

    private void made(Topic topic) {
        if (told.compareAndSet(false, true)) {
            whenMade.accept(topic);
        }
    }

    /** When a message of a level that is staged now is due, ms since the epoch. */
    long dueAt(int level) {
        return clock.millis() + DelayLevels.millis(level);
    }

    /** The staging queue of a level. */
    static int queueOf(int level) {
        return level - 1;
    }

    /** The properties of a staged message: they say where it goes. */
    static String staged(String properties, String nativeTopic, int queueId) {
        return NativeProperties.with(
                NativeProperties.with(properties, REAL_TOPIC, nativeTopic), REAL_QUEUE, Integer.toString(queueId));
    }

    /** The names that {@link #staged} adds. */
    static List<String> ownProperties() {
        return List.of(REAL_TOPIC, REAL_QUEUE);
    }
}
