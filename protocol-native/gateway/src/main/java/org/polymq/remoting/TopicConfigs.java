/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.polymq.broker.Broker;
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
    private final LiveSettings settings;
    private final String replyTopic;
    private final long startedAt;
    private final AtomicLong changes = new AtomicLong();

    /**
     * {@code replyTopic} is where answers are sent to; {@code startedAt} in ms since the epoch tells this run's
     * versions from those of the run before.
     */
    TopicConfigs(Topics topics, LiveSettings settings, String replyTopic, long startedAt) {
        this.topics = topics;
        this.settings = settings;
        this.replyTopic = replyTopic;
        this.startedAt = startedAt;
        topics.addListener((topic, deleted) -> changes.incrementAndGet());
        settings.onChange(changes::incrementAndGet);
    }

    /** The topics over a broker that has no gateway: that of a node that follows. */
    public static TopicConfigs of(Broker broker, NativeConfig config, InstantSource clock) {
        return new TopicConfigs(
                broker.topics(),
                new LiveSettings(broker.changedSettings(), config),
                NativeTopicNames.replyTopic(config.clusterName()),
                clock.millis());
    }

    /**
     * Has each change told.
     *
     * @param changed takes a topic that was made or changed; on the appending thread; must not block
     * @param removed called when a topic was deleted or all have changed; likewise
     */
    public void onChange(Consumer<TopicConfig> changed, Runnable removed) {
        topics.addListener((topic, deleted) -> {
            if (deleted) {
                removed.run();
            } else {
                configOf(topic).ifPresent(changed);
            }
        });
        settings.onChange(removed);
    }

    /** Changes with every topic. */
    public DataVersion version() {
        return new DataVersion(0, startedAt, changes.get());
    }

    /** All topics that native clients can name. */
    public RegisterBrokerBody snapshot() {
        DataVersion version = version();
        Map<String, TopicConfig> all = new HashMap<>();
        alwaysThere(replyTopic).ifPresent(config -> all.put(replyTopic, config));
        alwaysThere(NativeTopicNames.TRACE).ifPresent(config -> all.put(NativeTopicNames.TRACE, config));
        for (Topic topic : topics.all()) {
            configOf(topic).ifPresent(config -> all.put(config.name(), config));
        }
        template().ifPresent(template -> all.put(template.name(), template));
        return new RegisterBrokerBody(version, all, List.of());
    }

    /** One topic by its native name, the template included. */
    Optional<TopicConfig> find(String nativeName) {
        if (nativeName.equals(NativeTopicNames.TEMPLATE)) {
            return template();
        }
        return topics.find(Names.levelOfNative(nativeName))
                .flatMap(this::configOf)
                .or(() -> alwaysThere(nativeName));
    }

    /** Topics that clients find before anything was stored in them. */
    private Optional<TopicConfig> alwaysThere(String nativeName) {
        return nativeName.equals(replyTopic) || nativeName.equals(NativeTopicNames.TRACE)
                ? Optional.of(new TopicConfig(
                        nativeName, 1, 1, TopicConfig.PERM_READ_WRITE & settings.permission(), 0, false))
                : Optional.empty();
    }

    private Optional<TopicConfig> template() {
        return settings.autoCreateTopics()
                ? Optional.of(new TopicConfig(
                        NativeTopicNames.TEMPLATE,
                        settings.maxAutoQueues(),
                        settings.maxAutoQueues(),
                        TopicConfig.PERM_READ_WRITE | TopicConfig.PERM_INHERIT,
                        0,
                        false))
                : Optional.empty();
    }

    private Optional<TopicConfig> configOf(Topic topic) {
        try {
            return Optional.of(new TopicConfig(
                    Names.toNative(topic.name()),
                    topic.readQueues(),
                    topic.writeQueues(),
                    topic.permissions() & (settings.permission() | TopicConfig.PERM_INHERIT),
                    0,
                    topic.ordered(),
                    topic.attributes()));
        } catch (BrokerException tooLong) {
            return Optional.empty(); // native clients cannot name it
        }
    }
}
