/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import org.apache.kafka.common.TopicPartition;
import org.polymq.broker.connector.TopicQueue;

/**
 * Queues as partitions. Of a sink that is spread over groups each group's queues are partitions of their own, since
 * plugins take topic, partition and offset for the name of a record.
 *
 * @param first the partition of queue 0
 */
record Partitions(int first) {
    /** More than a topic has queues in a group. */
    private static final int OF_A_GROUP = 1 << 16;

    static Partitions ofGroup(int slot) {
        return new Partitions(slot * OF_A_GROUP);
    }

    int number(TopicQueue queue) {
        return first + queue.queue();
    }

    TopicPartition partition(TopicQueue queue) {
        return new TopicPartition(queue.topic(), number(queue));
    }

    TopicQueue queue(TopicPartition partition) {
        return new TopicQueue(partition.topic(), partition.partition() - first);
    }
}
