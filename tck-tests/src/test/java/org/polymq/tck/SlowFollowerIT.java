/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.tck.server.ClusterProcess;

/** A node that stands still gets what it missed when it goes on, and costs the leader no more memory meanwhile. */
class SlowFollowerIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Twice the heap of a node. */
    private static final int MESSAGES = 160;

    private static final int SIZE = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void theLeaderHoldsLittleOfWhatAFollowerDoesNotTake() throws Exception {
        try (ClusterProcess group = ClusterProcess.in(directory, 3).withHeap("80m")) {
            group.start(PATIENCE);
            int leader = group.awaitLeader(PATIENCE);
            int slow = (leader + 1) % group.size();
            try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(
                            "polymq://" + group.node(leader).endpoints().nativePort());
                    JMSContext context = factory.createContext()) {
                group.node(slow).freeze();
                byte[] body = new byte[SIZE];
                JMSProducer producer = context.createProducer();
                for (int i = 0; i < MESSAGES; i++) {
                    Arrays.fill(body, (byte) i);
                    producer.send(context.createQueue("q"), body);
                }
                assertThat(group.node(leader).isAlive()).isTrue();
                group.node(slow).thaw();
                await().atMost(PATIENCE).until(group::isLevel);

                var consumer = context.createConsumer(context.createQueue("q"));
                for (int i = 0; i < MESSAGES; i++) {
                    BytesMessage message = (BytesMessage) consumer.receive(PATIENCE.toMillis());
                    assertThat(message.getBodyLength()).isEqualTo(SIZE);
                    assertThat(message.readByte()).isEqualTo((byte) i);
                }
            }
            for (int node = 0; node < group.size(); node++) {
                assertThat(group.node(node).isAlive()).as("node %s", node + 1).isTrue();
            }
        }
    }
}
