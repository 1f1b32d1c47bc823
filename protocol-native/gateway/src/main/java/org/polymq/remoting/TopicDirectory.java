/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import org.polymq.broker.BrokerException;
import org.polymq.broker.group.Groups;
import org.polymq.broker.message.Names;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.QueueRef;

/** Topics and queues under the names that administrators give and see. Safe from any thread. */
final class TopicDirectory {
    private final Topics topics;
    private final Groups groups;
    private final ConsumerGroups members;
    private final NativeTopicNames names;
    private final String brokerName;

    TopicDirectory(Topics topics, Groups groups, ConsumerGroups members, NativeTopicNames names, String brokerName) {
        this.topics = topics;
        this.groups = groups;
        this.members = members;
        this.names = names;
        this.brokerName = brokerName;
    }

    /** The topic of a native name; TOPIC_NOT_EXIST if there is none. */
    Topic topic(String nativeName) {
        return find(nativeName)
                .orElseThrow(() ->
                        new BadRequestException(ResponseCode.TOPIC_NOT_EXIST, "topic[" + nativeName + "] not exist"));
    }

    Optional<Topic> find(String nativeName) {
        return topics.find(names.of(nativeName).topic());
    }

    /** The native name; empty where it is too long for native clients. */
    Optional<String> nativeName(Topic topic) {
        try {
            return Optional.of(Names.toNative(topic.name()));
        } catch (BrokerException tooLong) {
            return Optional.empty();
        }
    }

    QueueRef queue(String nativeName, int queueId) {
        return new QueueRef(nativeName, brokerName, queueId);
    }

    /** The native names of the topics of which a group has committed offsets. */
    NavigableSet<String> topicsRead(String group) {
        NavigableSet<String> read = new TreeSet<>();
        groups.offsets(group).keySet().forEach(queue -> {
            Topic topic = topics.get((int) (queue >>> 16));
            if (topic != null) {
                nativeName(topic).ifPresent(read::add);
            }
        });
        return read;
    }

    /** The groups that subscribe to a topic now, or have committed offsets of it. */
    NavigableSet<String> readers(Topic topic) {
        NavigableSet<String> readers = new TreeSet<>();
        String nativeName = nativeName(topic).orElse("");
        for (String group : members.names()) {
            if (members.subscription(group, nativeName) != null) {
                readers.add(group);
            }
        }
        groups.all().forEach(group -> {
            for (int queue = 0; queue < topic.queues(); queue++) {
                if (groups.offset(group.name(), topic.queueKey(queue)) >= 0) {
                    readers.add(group.name());
                    break;
                }
            }
        });
        return readers;
    }
}
