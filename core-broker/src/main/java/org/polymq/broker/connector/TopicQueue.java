/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

/** One queue of a topic. */
public record TopicQueue(String topic, int queue) implements Comparable<TopicQueue> {
    @Override
    public int compareTo(TopicQueue other) {
        int byTopic = topic.compareTo(other.topic);
        return byTopic != 0 ? byTopic : Integer.compare(queue, other.queue);
    }

    @Override
    public String toString() {
        return topic + "-" + queue;
    }
}
