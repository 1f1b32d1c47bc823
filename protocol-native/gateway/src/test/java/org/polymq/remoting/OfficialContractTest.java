/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.group.Group;

/** What users of the official client rely on beside sending and consuming: finding messages, settings of groups. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
@SuppressWarnings("deprecation") // what the newest client deprecates is what older programs call
class OfficialContractTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private NativeServer server;
    private OfficialClients clients;
    private DefaultMQProducer producer;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        server = new NativeServer(directory);
        clients = new OfficialClients(server.nameServerAddress());
        producer = clients.producer("contract-producers");
    }

    @AfterAll
    void stop() throws Exception {
        clients.close();
        server.close();
    }

    @Test
    void findsMessagesByKeyAndTime() throws Exception {
        long before = System.currentTimeMillis() - 1;
        producer.send(new Message("keyed", "tag", "order-1 customer-7", "one".getBytes(UTF_8)));
        producer.send(new Message("keyed", "tag", "order-2 customer-7", "two".getBytes(UTF_8)));
        producer.send(new Message("keyed-too", "tag", "customer-7", "three".getBytes(UTF_8)));
        long after = System.currentTimeMillis() + 60_000;

        assertThat(textsByKey("keyed", "order-2", before, after)).containsExactly("two");
        assertThat(textsByKey("keyed", "customer-7", before, after)).containsExactlyInAnyOrder("one", "two");
        assertThatThrownBy(() -> textsByKey("keyed", "order-3", before, after)).isInstanceOf(MQClientException.class);
        assertThatThrownBy(() -> textsByKey("keyed", "order-1", before - 10_000, before))
                .isInstanceOf(MQClientException.class);
    }

    @Test
    void findsAMessageByItsUniqueId() throws Exception {
        SendResult sent = producer.send(new Message("identified", "found".getBytes(UTF_8)));

        MessageExt found = producer.viewMessage("identified", sent.getMsgId());

        assertThat(found.getBody()).isEqualTo("found".getBytes(UTF_8));
        assertThat(found.getQueueOffset()).isEqualTo(sent.getQueueOffset());
        assertThat(found.getMsgId()).isEqualTo(sent.getMsgId());
    }

    @Test
    void keepsWhatClientsTraceWhereItIsFoundByTheMessagesId() throws Exception {
        DefaultMQProducer traced = new DefaultMQProducer("traced-producers", true, "RMQ_SYS_TRACE_TOPIC");
        traced.setNamesrvAddr(server.nameServerAddress());
        traced.setInstanceName("traced");
        traced.start();
        try {
            SendResult sent = traced.send(new Message("traced", "tag", "key-9", "x".getBytes(UTF_8)));

            List<String> traces = await().atMost(PATIENCE)
                    .ignoreException(MQClientException.class) // not there yet
                    .until(
                            () -> textsByKey("RMQ_SYS_TRACE_TOPIC", sent.getMsgId(), 0, Long.MAX_VALUE),
                            found -> !found.isEmpty());

            assertThat(traces.get(0)).startsWith("Pub").contains("traced-producers", sent.getMsgId(), "key-9");
            assertThat(textsByKey("RMQ_SYS_TRACE_TOPIC", "key-9", 0, Long.MAX_VALUE))
                    .containsAll(traces);
        } finally {
            traced.shutdown();
        }
    }

    @Test
    void givesNothingToAGroupThatMayNotConsumeUntilItMay() throws Exception {
        update(new Group("stopped", false, true, 16, false, true, true, 1, "", Map.of()));
        producer.send(new Message("for-stopped", "waits".getBytes(UTF_8)));
        Queue<String> seen = consume("stopped", "for-stopped", false);
        Queue<String> others = consume("running", "for-stopped", false);
        await().atMost(PATIENCE).until(() -> others.size() == 1);
        assertThat(seen).isEmpty();

        update(Group.of("stopped"));

        await().atMost(PATIENCE).until(() -> seen.size() == 1);
    }

    @Test
    void givesNothingToABroadcastingGroupThatMayNot() throws Exception {
        update(new Group("no-broadcast", true, false, 16, false, true, true, 1, "", Map.of()));
        Queue<String> all = consume("may-broadcast-" + System.nanoTime(), "for-all", true);
        Queue<String> none = consume("no-broadcast", "for-all", true);
        await().atMost(PATIENCE).until(() -> {
            producer.send(new Message("for-all", "x".getBytes(UTF_8)));
            return !all.isEmpty();
        });

        assertThat(none).isEmpty();
    }

    @Test
    void doesNotPassOverAMessageThatASlowConsumerStillHas() throws Exception {
        producer.send(new Message("slow", "warm up".getBytes(UTF_8)));
        CountDownLatch go = new CountDownLatch(1);
        Queue<String> first = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer slow = clients.consumer("slow-group");
        slow.subscribe("slow", "*");
        slow.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                first.add(text(message));
                if (text(message).equals("stuck")) {
                    awaitQuietly(go);
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        slow.start();
        await().atMost(PATIENCE).until(() -> first.contains("warm up"));
        // All in one queue, so that those behind it are done while it is not.
        Queue<String> second;
        try {
            for (String body : List.of("stuck", "a", "b", "c")) {
                producer.send(new Message("slow", body.getBytes(UTF_8)), (queues, message, any) -> queues.get(0), null);
            }
            await().atMost(PATIENCE).until(() -> first.containsAll(List.of("stuck", "a", "b", "c")));
        } finally {
            slow.setAwaitTerminationMillisWhenShutdown(0);
            slow.shutdown();
        }

        second = consume("slow-group", "slow", false);

        await().atMost(PATIENCE).until(() -> second.containsAll(List.of("stuck", "a", "b", "c")));
        go.countDown();
        assertThat(second).doesNotContain("warm up");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> textsByKey(String topic, String key, long from, long to) throws Exception {
        return producer.queryMessage(topic, key, 32, from, to).getMessageList().stream()
                .map(OfficialContractTest::text)
                .toList();
    }

    private Queue<String> consume(String group, String topic, boolean broadcast) throws Exception {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer consumer = clients.consumer(group);
        if (broadcast) {
            OfficialClients.broadcasting(consumer);
        }
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> seen.add(text(message)));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return seen;
    }

    private static String text(Message message) {
        return new String(message.getBody(), UTF_8);
    }

    private void update(Group group) {
        CompletableFuture<Group> done = new CompletableFuture<>();
        server.broker().groups().update(group, Lane.direct(), Reply.of(done::complete, done::completeExceptionally));
        done.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }
}
