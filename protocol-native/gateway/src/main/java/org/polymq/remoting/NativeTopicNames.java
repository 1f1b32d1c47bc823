/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.Names;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;

/** Translates native topic names, remembering those that are in use. Safe from any thread. */
final class NativeTopicNames {
    static final String RETRY_PREFIX = "%RETRY%";
    static final String DLQ_PREFIX = "%DLQ%";
    /** The template that clients ask the name server for before they send to a topic that is not there yet. */
    static final String TEMPLATE = "TBW102";

    /** Topics that RocketMQ and this broker keep to themselves. */
    private static final Set<String> NOT_FOR_SENDING = Set.of(
            TEMPLATE,
            "SCHEDULE_TOPIC_XXXX",
            "RMQ_SYS_TRANS_HALF_TOPIC",
            "RMQ_SYS_TRANS_OP_HALF_TOPIC",
            "TRANS_CHECK_MAX_TIME_TOPIC",
            "SELF_TEST_TOPIC",
            "OFFSET_MOVED_EVENT",
            "rmq_sys_wheel_timer");

    /** Where clients store what they trace, unless they are told another topic. */
    static final String TRACE = "RMQ_SYS_TRACE_TOPIC";

    /** Where clients of a cluster send answers to. */
    static String replyTopic(String clusterName) {
        return clusterName + "_REPLY_TOPIC";
    }

    private static final int MOST_REMEMBERED = 10_000;

    private final Map<String, Name> known = new ConcurrentHashMap<>();

    /** A topic's two names. */
    static final class Name {
        private final String topic;
        private final String nativeName;
        private final byte[] ascii;

        Name(String topic, String nativeName) {
            this.topic = topic;
            this.nativeName = nativeName;
            this.ascii = nativeName.getBytes(StandardCharsets.US_ASCII);
        }

        /** The core's: a first level. */
        String topic() {
            return topic;
        }

        String nativeName() {
            return nativeName;
        }

        /** The native name's bytes; not to be changed. */
        byte[] ascii() {
            return ascii;
        }

        boolean isRetry() {
            return nativeName.startsWith(RETRY_PREFIX);
        }

        boolean isTrace() {
            return nativeName.equals(TRACE);
        }

        boolean isForSending() {
            return !NOT_FOR_SENDING.contains(nativeName);
        }
    }

    /** The names that clients and tools know as system topics, whether there is such a topic or not. */
    static NavigableSet<String> systemTopics() {
        NavigableSet<String> all = new TreeSet<>(NOT_FOR_SENDING);
        all.add(TRACE);
        return all;
    }

    /** The topic of a native name; null if there is none, also where none could be. */
    @Nullable
    Topic find(Topics topics, String nativeName) {
        try {
            return topics.get(of(nativeName).topic());
        } catch (BrokerException illegal) {
            return null; // what asks for a topic that cannot be is told that it is not there
        }
    }

    /**
     * Looks a native name up.
     *
     * @throws BrokerException INVALID_NAME
     */
    Name of(String nativeName) {
        Name name = known.get(nativeName);
        if (name != null) {
            return name;
        }
        String topic = Names.levelOfNative(nativeName);
        name = new Name(topic, nativeName);
        if (known.size() >= MOST_REMEMBERED) {
            known.clear(); // only a memory of what is computed anew
        }
        known.put(nativeName, name);
        return name;
    }
}
