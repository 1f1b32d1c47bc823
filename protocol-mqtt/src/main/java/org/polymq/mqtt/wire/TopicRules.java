/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.polymq.mqtt.wire.PacketException.malformed;
import static org.polymq.mqtt.wire.PacketException.protocolError;

/** Well-formed topic names and filters: MQTT 5, 4.7 and 4.8.2. */
public final class TopicRules {
    private static final String SHARE = "$share/";

    private TopicRules() {}

    /** Whether the filter asks for a shared subscription. */
    public static boolean isShared(String filter) {
        return filter.startsWith(SHARE);
    }

    static void checkName(String name, DecoderLimits limits) {
        int levels = 1;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '+' || c == '#') {
                throw malformed("a topic name holds the wildcard " + c);
            }
            if (c == '/') {
                levels++;
            }
        }
        checkSize(name, levels, ReasonCode.TOPIC_NAME_INVALID, limits);
    }

    static String checkResponseTopic(String topic) {
        if (topic.isEmpty() || topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0) { // MQTT 5, 3.3.2.3.5
            throw protocolError("the response topic is empty or holds a wildcard");
        }
        return topic;
    }

    static void checkFilter(String filter, DecoderLimits limits) {
        String inner = filter;
        if (isShared(filter)) {
            int slash = filter.indexOf('/', SHARE.length());
            if (slash <= SHARE.length() || slash + 1 == filter.length()) {
                throw malformed("a shared subscription needs a name and a filter");
            }
            String name = filter.substring(SHARE.length(), slash);
            if (name.indexOf('+') >= 0 || name.indexOf('#') >= 0) {
                throw malformed("the name of a shared subscription holds a wildcard");
            }
            inner = filter.substring(slash + 1);
        } else if (filter.equals("$share")) {
            throw malformed("a shared subscription needs a name and a filter");
        }
        if (inner.isEmpty()) {
            throw malformed("a topic filter is empty");
        }
        int levels = 1;
        for (int i = 0; i < inner.length(); i++) {
            char c = inner.charAt(i);
            if (c == '/') {
                levels++;
            } else if (c == '+' || c == '#') {
                boolean starts = i == 0 || inner.charAt(i - 1) == '/';
                boolean ends = i + 1 == inner.length() || (c == '+' && inner.charAt(i + 1) == '/');
                if (!starts || !ends) {
                    throw malformed("the wildcard " + c + " of a filter stands in the wrong place");
                }
            }
        }
        checkSize(filter, levels, ReasonCode.TOPIC_FILTER_INVALID, limits);
    }

    private static void checkSize(String topic, int levels, ReasonCode reason, DecoderLimits limits) {
        if (levels > limits.maxTopicLevels()) {
            throw new PacketException(
                    reason, "a topic of " + levels + " levels exceeds the limit of " + limits.maxTopicLevels());
        }
        if (topic.length() > limits.maxTopicLength()) {
            throw new PacketException(
                    reason,
                    "a topic of " + topic.length() + " characters exceeds the limit of " + limits.maxTopicLength());
        }
    }
}
