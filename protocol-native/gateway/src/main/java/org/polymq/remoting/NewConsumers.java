/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.broker.BrokerException;
import org.polymq.broker.Reply;
import org.polymq.broker.group.Groups;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.body.ConsumerData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a group when its first member comes, and with it the topic of what it hands back. Safe from any thread. */
final class NewConsumers {
    private static final Logger log = LoggerFactory.getLogger(NewConsumers.class);

    private final Groups groups;
    private final Topics topics;
    private final NativeTopicNames names;

    NewConsumers(Groups groups, Topics topics, NativeTopicNames names) {
        this.groups = groups;
        this.topics = topics;
        this.names = names;
    }

    void prepare(ConsumerData consumer, NativeConnection from) {
        String group = consumer.groupName();
        if (groups.find(group).isEmpty()) {
            groups.ensure(group, from, Reply.of(made -> {}, refused -> notMade("group " + group, refused)));
        }
        if (consumer.messageModel().equals("CLUSTERING")) {
            String retry = names.of(NativeTopicNames.RETRY_PREFIX + group).topic();
            if (topics.get(retry) == null) {
                topics.ensure(
                        TopicSpec.topic(retry, 1, Topic.Origin.NATIVE),
                        from,
                        Reply.of(made -> {}, refused -> notMade("topic " + retry, refused)));
            }
        }
    }

    private static void notMade(String what, BrokerException refused) {
        log.warn("{} was not made at a heartbeat: {}", what, refused.getMessage());
    }
}
