/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** SQL92 filters as the official client asks for them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("deprecation") // what the newest client deprecates is what older programs call
class SqlFilterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private NativeServer server;
    private OfficialClients clients;
    private DefaultMQProducer producer;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        server = new NativeServer(directory);
        clients = new OfficialClients(server.nameServerAddress());
        producer = clients.producer("producers");
    }

    @AfterAll
    void stop() throws Exception {
        clients.close();
        server.close();
    }

    private void send(String topic, String tag, int number) throws Exception {
        Message message = new Message(topic, tag, (tag + number).getBytes(UTF_8));
        message.putUserProperty("n", Integer.toString(number));
        producer.send(message);
    }

    private static String text(MessageExt message) {
        return new String(message.getBody(), UTF_8);
    }

    @Test
    void givesAPushConsumerWhatItsExpressionIsTrueForAndFollowsAChange() throws Exception {
        for (int i = 0; i < 20; i++) {
            send("sql", i % 2 == 0 ? "even" : "odd", i);
        }
        List<String> seen = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer("sql-group");
        consumer.subscribe("sql", MessageSelector.bySql("TAGS = 'even' AND n BETWEEN 4 AND 8"));
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> seen.add(text(message)));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder("even4", "even6", "even8"));

        consumer.subscribe("sql", MessageSelector.bySql("n > 100"));
        await().atMost(PATIENCE).untilAsserted(() -> {
            send("sql", "probe", 101);
            assertThat(seen).contains("probe101");
        });
        send("sql", "even", 6);
        send("sql", "last", 102);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).contains("last102"));
        assertThat(seen).filteredOn("even6"::equals).hasSize(1);
    }

    @Test
    void givesALitePullConsumerWhatItsExpressionIsTrueFor() throws Exception {
        for (int i = 0; i < 10; i++) {
            send("sql-lite", "t", i);
        }
        DefaultLitePullConsumer consumer = clients.litePullConsumer("sql-lite-group");
        consumer.subscribe("sql-lite", MessageSelector.bySql("n >= 7 OR missing IS NOT NULL"));
        consumer.start();
        List<String> seen = new ArrayList<>();

        await().atMost(PATIENCE).untilAsserted(() -> {
            consumer.poll(500).forEach(message -> seen.add(text(message)));
            assertThat(seen).containsExactlyInAnyOrder("t7", "t8", "t9");
        });
    }

    @Test
    void refusesAnExpressionThatDoesNotParse() throws Exception {
        send("sql-bad", "t", 1);
        DefaultMQPushConsumer consumer = clients.consumer("sql-bad-group");
        consumer.subscribe("sql-bad", MessageSelector.bySql("n >"));
        consumer.registerMessageListener(
                (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);

        assertThatThrownBy(consumer::start).hasMessageContaining("CODE: 23");
    }
}
