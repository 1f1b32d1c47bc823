/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.TopicFilter;

/**
 * What the broker says about itself under {@code $SYS/broker/}: QoS 0, from time to time to who is subscribed, the last
 * of each to who subscribes. Nothing of it is in the log. Safe from any thread.
 */
final class SysTopics {
    static final String PREFIX = "$SYS/";

    private final LiveRouter live;
    private final Map<String, Supplier<String>> values = new LinkedHashMap<>();

    /** @param values what is published, by the name below {@code $SYS/broker/} */
    SysTopics(LiveRouter live, Map<String, Supplier<String>> values) {
        this.live = live;
        values.forEach((name, value) -> this.values.put(PREFIX + "broker/" + name, value));
    }

    /** Whether the filter can match nothing but these. */
    static boolean isOne(String filter) {
        return filter.startsWith(PREFIX);
    }

    void publish() {
        for (Map.Entry<String, Supplier<String>> value : values.entrySet()) {
            live.publish(message(value.getKey(), value.getValue().get(), false), false);
        }
    }

    /** The current values whose names match. */
    List<LiveMessage> matching(TopicFilter filter) {
        List<LiveMessage> matching = new ArrayList<>();
        for (Map.Entry<String, Supplier<String>> value : values.entrySet()) {
            if (filter.matches(value.getKey())) {
                matching.add(message(value.getKey(), value.getValue().get(), true));
            }
        }
        return matching;
    }

    private static LiveMessage message(String name, String value, boolean retain) {
        return new LiveMessage(
                name,
                Message.to(Names.ofMqtt(name))
                        .origin(Origin.MQTT)
                        .qos(0)
                        .retain(retain)
                        .body(BodyKind.BYTES, ByteBuffer.wrap(value.getBytes(UTF_8)))
                        .build());
    }
}
