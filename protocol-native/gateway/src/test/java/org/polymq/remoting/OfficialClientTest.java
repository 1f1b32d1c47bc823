/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The gateway as the official client sees it; run with 4.9 (JSON headers) and 5.x (binary headers). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
@SuppressWarnings("deprecation") // what the newest client deprecates is what older programs call
class OfficialClientTest {
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

    @Test
    void runsWithTheVersionThisRunIsFor() {
        String expected = "V" + System.getProperty("rocketmq.version", "4.9.8").replace('.', '_');

        assertThat(MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION)).isEqualTo(expected);
    }

    @Test
    void makesATopicAtItsFirstSendWithTheQueuesTheClientAsksFor() throws Exception {
        SendResult result = producer.send(new Message("auto", bytes("x")));

        assertThat(result.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(server.broker().topics().get("auto"))
                .satisfies(topic -> assertThat(topic.queues()).isEqualTo(4));
        await().ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(producer.fetchPublishMessageQueues("auto")).hasSize(4));
    }

    @Test
    void carriesBodyKeysTagsAndPropertiesThroughTheLog() throws Exception {
        byte[] body = new byte[1000];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) i;
        }
        Message message = new Message("carries", "tag", "key1 key2", 77, body, true);
        message.putUserProperty("name", "Grüße 漢字 \uD83D\uDE00");

        SendResult result = producer.send(message);
        MessageExt seen = consumeAll("carries-group", "carries", "*", 1).get(0);

        assertThat(seen.getBody()).isEqualTo(body);
        assertThat(seen.getTags()).isEqualTo("tag");
        assertThat(seen.getKeys()).isEqualTo("key1 key2");
        assertThat(seen.getFlag()).isEqualTo(77);
        assertThat(seen.getUserProperty("name")).isEqualTo("Grüße 漢字 \uD83D\uDE00");
        assertThat(seen.getMsgId()).isEqualTo(result.getMsgId());
        assertThat(seen.getQueueId()).isEqualTo(result.getMessageQueue().getQueueId());
        assertThat(seen.getQueueOffset()).isEqualTo(result.getQueueOffset());
        assertThat(seen.getBornTimestamp()).isPositive();
        assertThat(seen.getStoreTimestamp()).isGreaterThanOrEqualTo(seen.getBornTimestamp() - 1000);
        assertThat(seen.getBornHostString()).isEqualTo("127.0.0.1");
        assertThat(seen.getReconsumeTimes()).isZero();
    }

    @Test
    void carriesACompressedBody() throws Exception {
        byte[] body = bytes("abc".repeat(10_000));

        producer.send(new Message("compressed", body));

        assertThat(consumeAll("compressed-group", "compressed", "*", 1).get(0).getBody())
                .isEqualTo(body);
    }

    @Test
    void findsAMessageByItsOffsetId() throws Exception {
        SendResult result = producer.send(new Message("viewed", "tag", "key", bytes("look at me")));

        MessageExt seen = (MessageExt) DefaultMQProducer.class
                .getMethod("viewMessage", viewArguments().toArray(new Class<?>[0]))
                .invoke(
                        producer,
                        viewArguments().size() == 1
                                ? new Object[] {result.getOffsetMsgId()}
                                : new Object[] {"viewed", result.getOffsetMsgId()});

        assertThat(seen.getBody()).isEqualTo(bytes("look at me"));
        assertThat(seen.getQueueOffset()).isEqualTo(result.getQueueOffset());
    }

    private static List<Class<?>> viewArguments() {
        return System.getProperty("rocketmq.version", "4").startsWith("4")
                ? List.of(String.class)
                : List.of(String.class, String.class);
    }

    @Test
    void takesAsynchronousAndOneWaySends() throws Exception {
        int count = 200;
        CountDownLatch stored = new CountDownLatch(count);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < count; i++) {
            producer.send(new Message("async", bytes("a" + i)), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    stored.countDown();
                }

                @Override
                public void onException(Throwable cause) {
                    failures.add(cause);
                }
            });
            producer.sendOneway(new Message("async", bytes("o" + i)));
        }

        assertThat(stored.await(20, TimeUnit.SECONDS)).as("%s", failures).isTrue();
        assertThat(bodies(consumeAll("async-group", "async", "*", 2 * count)))
                .hasSize(2 * count)
                .contains("a0", "o0", "a" + (count - 1), "o" + (count - 1));
    }

    @Test
    void storesABatchInOrderInOneQueue() throws Exception {
        List<Message> batch = IntStream.range(0, 100)
                .mapToObj(i -> new Message("batch", "tag" + i % 2, "key" + i, bytes("b" + i)))
                .collect(Collectors.toList());

        SendResult result = producer.send(batch);
        List<MessageExt> seen = consumeAll("batch-group", "batch", "*", 100);

        assertThat(result.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(result.getMsgId().split(",")).hasSize(100);
        seen.sort((a, b) -> Long.compare(a.getQueueOffset(), b.getQueueOffset()));
        assertThat(bodies(seen))
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(i -> "b" + i).toList());
        assertThat(seen).extracting(MessageExt::getKeys).contains("key0", "key99");
    }

    @Test
    void deliversOnlyTheTagsThatAreSubscribed() throws Exception {
        for (int i = 0; i < 60; i++) {
            producer.send(new Message("tags", "T" + i % 3, bytes("T" + i % 3 + "-" + i)));
        }

        List<String> seen = bodies(consumeAll("tags-group", "tags", "T0 || T2", 40));

        assertThat(seen).hasSize(40).noneMatch(body -> body.startsWith("T1"));
    }

    @Test
    void wakesAWaitingConsumerAtOnce() throws Exception {
        producer.send(new Message("wake", bytes("first")));
        Map<String, Long> seenAt = new ConcurrentHashMap<>();
        DefaultMQPushConsumer consumer = clients.consumer("wake-group");
        consumer.subscribe("wake", "yes");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> seenAt.put(body(message), System.nanoTime()));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        producer.send(new Message("wake", "yes", bytes("warm-up")));
        await().atMost(PATIENCE).until(() -> seenAt.containsKey("warm-up"));

        for (int i = 0; i < 5; i++) {
            String name = "m" + i;
            producer.send(new Message("wake", "no", bytes("not for it")));
            long sentAt = System.nanoTime();
            producer.send(new Message("wake", "yes", bytes(name)));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> seenAt.containsKey(name));
            assertThat(Duration.ofNanos(Objects.requireNonNull(seenAt.get(name)) - sentAt))
                    .isLessThan(Duration.ofSeconds(1));
        }
    }

    @Test
    void sharesQueuesAmongMembersThatComeAndGo() throws Exception {
        producer.send(new Message("shared", bytes("first")));
        Set<String> byOne = ConcurrentHashMap.newKeySet();
        Set<String> byTwo = ConcurrentHashMap.newKeySet();
        AtomicInteger deliveries = new AtomicInteger();
        DefaultMQPushConsumer one = collector("shared-group", "shared", byOne, deliveries);
        await().atMost(PATIENCE).until(() -> byOne.contains("first"));
        DefaultMQPushConsumer two = collector("shared-group", "shared", byTwo, deliveries);
        await().atMost(PATIENCE).until(() -> queuesOf(one, "shared") == 2 && queuesOf(two, "shared") == 2);
        for (int i = 0; i < 400; i++) {
            producer.send(new Message("shared", bytes("m" + i)));
        }
        await().atMost(PATIENCE).until(() -> deliveries.get() >= 400);
        byOne.remove("first"); // may have come twice: its queue moved
        byTwo.remove("first");

        assertThat(byOne).isNotEmpty().doesNotContainAnyElementsOf(byTwo);
        assertThat(byTwo).isNotEmpty();
        assertThat(deliveries).hasValue(400);

        two.shutdown();
        await().atMost(PATIENCE).until(() -> queuesOf(one, "shared") == 4);
        producer.send(new Message("shared", bytes("after")));
        await().atMost(PATIENCE).until(() -> byOne.contains("after"));
    }

    private DefaultMQPushConsumer collector(String group, String topic, Set<String> into, AtomicInteger deliveries)
            throws Exception {
        DefaultMQPushConsumer consumer = clients.consumer(group);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> into.add(body(message)));
            messages.stream()
                    .filter(message -> body(message).startsWith("m"))
                    .forEach(message -> deliveries.incrementAndGet());
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return consumer;
    }

    private static long queuesOf(DefaultMQPushConsumer consumer, String topic) {
        return consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet().stream()
                .filter(queue -> queue.getTopic().equals(topic))
                .count();
    }

    @Test
    void keepsTheOrderOfEachQueueForOrderlyConsumers() throws Exception {
        producer.send(new Message("orderly", bytes("warm-up")));
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(producer.fetchPublishMessageQueues("orderly"))
                        .hasSize(4));
        Map<Integer, List<Integer>> seen = new ConcurrentHashMap<>();
        AtomicInteger count = new AtomicInteger();
        for (int member = 0; member < 2; member++) {
            DefaultMQPushConsumer consumer = clients.consumer("orderly-group");
            consumer.subscribe("orderly", "numbered");
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                for (MessageExt message : messages) {
                    seen.computeIfAbsent(message.getQueueId(), id -> Collections.synchronizedList(new ArrayList<>()))
                            .add(Integer.parseInt(body(message)));
                    count.incrementAndGet();
                }
                return ConsumeOrderlyStatus.SUCCESS;
            });
            consumer.start();
        }

        for (int i = 0; i < 400; i++) {
            int key = i;
            producer.send(
                    new Message("orderly", "numbered", bytes("" + i)),
                    (queues, message, argument) -> queues.get(key % queues.size()),
                    null);
        }
        await().atMost(PATIENCE.plusSeconds(30)).until(() -> count.get() >= 400 && distinct(seen) >= 400);

        assertThat(seen).hasSize(4);
        // A queue that moves to the other member may be delivered again, but nothing is ever seen before its turn.
        seen.values()
                .forEach(numbers -> assertThat(List.copyOf(new LinkedHashSet<>(numbers)))
                        .hasSize(100)
                        .isSorted());
    }

    private static long distinct(Map<Integer, List<Integer>> seen) {
        return seen.values().stream()
                .mapToLong(numbers -> Set.copyOf(numbers).size())
                .sum();
    }

    @Test
    void givesEveryMemberEachBroadcastMessage() throws Exception {
        producer.send(new Message("broadcast", bytes("first")));
        String group = "broadcast-" + System.nanoTime(); // the client keeps its offsets in a file
        List<Set<String>> seen = List.of(ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet());
        for (Set<String> into : seen) {
            DefaultMQPushConsumer consumer = clients.consumer(group);
            OfficialClients.broadcasting(consumer);
            consumer.subscribe("broadcast", "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(message -> into.add(body(message)));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            consumer.start();
        }
        for (int i = 0; i < 50; i++) {
            producer.send(new Message("broadcast", bytes("m" + i)));
        }

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(seen).allSatisfy(each -> assertThat(each).hasSizeGreaterThanOrEqualTo(50)));
    }

    @Test
    void servesALitePullConsumerThatComesBack() throws Exception {
        for (int i = 0; i < 100; i++) {
            producer.send(new Message("lite", bytes("m" + i)));
        }
        Set<String> seen = new HashSet<>();
        DefaultLitePullConsumer consumer = clients.litePullConsumer("lite-group");
        consumer.setAutoCommit(false);
        consumer.subscribe("lite", "*");
        consumer.start();
        await().atMost(PATIENCE).until(() -> {
            consumer.poll(200).forEach(message -> seen.add(body(message)));
            return seen.size() >= 100;
        });
        consumer.commitSync();
        consumer.shutdown();
        producer.send(new Message("lite", bytes("later")));

        DefaultLitePullConsumer again = clients.litePullConsumer("lite-group");
        again.subscribe("lite", "*");
        again.start();
        List<String> second = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            again.poll(200).forEach(message -> second.add(body(message)));
            return second.contains("later");
        });

        assertThat(second).containsExactly("later");
    }

    @Test
    void tellsOffsetsAndFindsThemByTime() throws Exception {
        long before = System.currentTimeMillis();
        for (int i = 0; i < 10; i++) {
            producer.send(new Message("offsets", bytes("m" + i)), (queues, message, argument) -> queues.get(0), null);
        }
        MessageQueue queue = new MessageQueue("offsets", "broker-a", 0);

        assertThat(producer.maxOffset(queue)).isEqualTo(10);
        assertThat(producer.minOffset(queue)).isZero();
        assertThat(producer.searchOffset(queue, before - 10_000)).isZero();
        assertThat(producer.searchOffset(queue, System.currentTimeMillis() + 60_000))
                .isEqualTo(10);
        assertThat(producer.earliestMsgStoreTime(queue)).isGreaterThanOrEqualTo(before - 1000);
    }

    @Test
    void deliversAgainWhatAConsumerHandsBackAndThenPutsItToTheDeadLetters() throws Exception {
        producer.send(new Message("again", "tag", "key", bytes("stubborn")));
        Set<Integer> attempts = ConcurrentHashMap.newKeySet();
        Set<String> topics = ConcurrentHashMap.newKeySet();
        DefaultMQPushConsumer consumer = clients.consumer("again-group");
        consumer.subscribe("again", "*");
        consumer.setMaxReconsumeTimes(2);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            context.setDelayLevelWhenNextConsume(1);
            messages.forEach(message -> attempts.add(message.getReconsumeTimes()));
            messages.forEach(message -> topics.add(message.getTopic()));
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        consumer.start();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(server.broker().topics().get("%DLQ%again-group"))
                        .isNotNull());

        assertThat(attempts).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(topics).containsExactly("again");
        MessageExt dead = consumeAll("undertakers", "%DLQ%again-group", "*", 1).get(0);
        assertThat(dead.getBody()).isEqualTo(bytes("stubborn"));
        assertThat(dead.getProperty("DLQ_ORIGIN_TOPIC")).isEqualTo("again");
        assertThat(dead.getKeys()).isEqualTo("key");
    }

    @Test
    void deliversADelayedMessageWhenItIsDue() throws Exception {
        Message message = new Message("delayed", "tag", "key", bytes("later"));
        message.setDelayTimeLevel(1);
        producer.send(message);

        MessageExt seen = consumeAll("delayed-group", "delayed", "tag", 1).get(0);

        assertThat(seen.getStoreTimestamp() - seen.getBornTimestamp()).isGreaterThanOrEqualTo(990);
        assertThat(seen.getTopic()).isEqualTo("delayed");
        assertThat(seen.getKeys()).isEqualTo("key");
    }

    @Test
    void saysWhyItRefusesASend() {
        assertThatThrownBy(() ->
                        producer.send(new Message("refused", bytes("x")), new MessageQueue("refused", "broker-a", 99)))
                .isInstanceOfSatisfying(
                        MQBrokerException.class,
                        e -> assertThat(e.getErrorMessage()).contains("99"));
    }

    @Test
    void takesManySendersAtOnce() throws Exception {
        var threads = Executors.newFixedThreadPool(16);
        CountDownLatch done = new CountDownLatch(16);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int t = 0; t < 16; t++) {
            int thread = t;
            threads.execute(() -> {
                try {
                    for (int i = 0; i < 100; i++) {
                        producer.send(new Message("many", bytes(thread + "-" + i)));
                    }
                } catch (Exception e) {
                    failures.add(e);
                } finally {
                    done.countDown();
                }
            });
        }
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();

        assertThat(failures).isEmpty();
        assertThat(bodies(consumeAll("many-group", "many", "*", 1600))).doesNotHaveDuplicates();
    }

    /** Consumes until so many messages came and no more follow. */
    private List<MessageExt> consumeAll(String group, String topic, String tags, int count) throws Exception {
        List<MessageExt> seen = Collections.synchronizedList(new ArrayList<>());
        DefaultMQPushConsumer consumer = clients.consumer(group);
        consumer.subscribe(topic, tags);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            seen.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        await().atMost(PATIENCE).until(() -> seen.size() >= count);
        consumer.suspend();
        assertThat(seen).hasSize(count);
        return new ArrayList<>(seen);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String body(MessageExt message) {
        return new String(message.getBody(), UTF_8);
    }

    private static List<String> bodies(List<MessageExt> messages) {
        return messages.stream().map(OfficialClientTest::body).toList();
    }
}
