/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.topic.Topic;
import org.polymq.storage.SegmentInfo;

/**
 * Up to where a topic's own retention protects its messages. It travels in the records that remove and clean, so that
 * apply needs neither clock nor configuration.
 *
 * @param now ms since the epoch
 * @param standardMillis how long topics keep their messages that do not say otherwise
 * @param mqttMillis the same for topics that MQTT made
 * @param floor log position below which no topic's retention protects anything: the disk, or the log's size, says so
 * @param topicFloors the same for single topics, by their ids
 */
public record Cutoffs(long now, long standardMillis, long mqttMillis, long floor, Map<Integer, Long> topicFloors) {
    public Cutoffs {
        topicFloors = Map.copyOf(topicFloors);
    }

    /** Whether a topic keeps its messages in a segment on its own account; null stands for a topic that is gone. */
    public boolean keeps(@Nullable Topic topic, SegmentInfo segment) {
        return topic != null
                && now - segment.lastTime() < millisOf(topic)
                && segment.end() > Math.max(floor, topicFloors.getOrDefault(topic.id(), 0L));
    }

    /** How long a topic keeps its messages, ms. */
    public long millisOf(Topic topic) {
        if (topic.retentionMillis() > 0) {
            return topic.retentionMillis();
        }
        return topic.origin() == Topic.Origin.MQTT ? mqttMillis : standardMillis;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(now);
        out.writeLong(standardMillis);
        out.writeLong(mqttMillis);
        out.writeLong(floor);
        out.writeInt(topicFloors.size());
        for (Map.Entry<Integer, Long> each : new TreeMap<>(topicFloors).entrySet()) {
            out.writeInt(each.getKey());
            out.writeLong(each.getValue());
        }
    }

    static Cutoffs read(DataInput in) throws IOException {
        long now = in.readLong();
        long standard = in.readLong();
        long mqtt = in.readLong();
        long floor = in.readLong();
        Map<Integer, Long> topics = new TreeMap<>();
        for (int n = in.readInt(); n > 0; n--) {
            topics.put(in.readInt(), in.readLong());
        }
        return new Cutoffs(now, standard, mqtt, floor, topics);
    }
}
