/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.Names;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TopicConfig;

/**
 * The broker's topics as name servers are told of them, with the template for topics that are not there yet. Safe from
 * any thread.
 */
public final class TopicConfigs {
    private final Topics topics;
    private final int templateQueues;
    private final boolean autoCreate;
    private final long startedAt;
    private final AtomicLong changes = new AtomicLong();

    /** {@code startedAt} in ms since the epoch tells this run's versions from those of the run before. */
    public TopicConfigs(Topics topics, NativeConfig config, long startedAt) {
        this.topics = topics;
        this.templateQueues = config.maxAutoQueues();
        this.autoCreate = config.autoCreateTopics();
        this.startedAt = startedAt;
        topics.addListener((topic, deleted) -> changes.incrementAndGet());
    }

    /**
     * Has each change told.
     *
     * @param changed takes a topic that was made or changed; on the appending thread; must not block
     * @param removed called when a topic was deleted; likewise
     */
    public void onChange(Consumer<TopicConfig> changed, Runnable removed) {
        topics.addListener((topic, deleted) -> {
            if (deleted) {
                removed.run();
            } else {
                configOf(topic).ifPresent(changed);
            }
        });
    }

    /** Changes with every topic. */
    public DataVersion version() {
        return new DataVersion(0, startedAt, changes.get());
    }

    /** All topics that native clients can name. */
    public RegisterBrokerBody snapshot() {
        DataVersion version = version();
        Map<String, TopicConfig> all = new HashMap<>();
        for (Topic topic : topics.all()) {
            configOf(topic).ifPresent(config -> all.put(config.name(), config));
        }
        if (autoCreate) {
            int perm = TopicConfig.PERM_READ_WRITE | TopicConfig.PERM_INHERIT;
            all.put(
                    NativeTopicNames.TEMPLATE,
                    new TopicConfig(NativeTopicNames.TEMPLATE, templateQueues, templateQueues, perm, 0, false));
        }
        return new RegisterBrokerBody(version, all, List.of());
    }

    private static Optional<TopicConfig> configOf(Topic topic) {
        try {
            return Optional.of(new TopicConfig(
                    Names.toNative(topic.name()),
                    topic.readQueues(),
                    topic.queues(),
                    topic.permissions(),
                    0,
                    topic.ordered()));
        } catch (BrokerException tooLong) {
            return Optional.empty(); // native clients cannot name it
        }
    }
}
