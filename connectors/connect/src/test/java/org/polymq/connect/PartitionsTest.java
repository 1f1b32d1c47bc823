/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.polymq.broker.connector.TopicQueue;

class PartitionsTest {
    @Test
    void queuesOfOneTopicInTwoGroupsAreDifferentPartitions() {
        TopicQueue queue = new TopicQueue("t", 3);

        assertThat(Partitions.ofGroup(0).partition(queue)).isEqualTo(new TopicPartition("t", 3));
        assertThat(Partitions.ofGroup(2).partition(queue)).isEqualTo(new TopicPartition("t", 131_075));
        assertThat(Partitions.ofGroup(2).queue(new TopicPartition("t", 131_075)))
                .isEqualTo(queue);
        assertThat(Partitions.ofGroup(15).number(new TopicQueue("t", 65_535))).isEqualTo(0xfffff);
    }
}
