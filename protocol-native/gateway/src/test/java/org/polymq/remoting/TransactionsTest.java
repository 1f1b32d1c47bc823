/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** Transactional messages as the official client sends them. */
class TransactionsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final TransactionSettings QUICK =
            new TransactionSettings(Duration.ofMillis(300), Duration.ofMillis(200), 3);

    @TempDir
    Path directory;

    private NativeServer server;
    private Decisions decisions;
    private TransactionMQProducer producer;
    private @Nullable DefaultMQPushConsumer consumer;
    private final List<MessageExt> seen = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = new NativeServer(directory, 0, 0, QUICK);
        decisions = new Decisions();
        producer = producer("tx-group", decisions);
    }

    @AfterEach
    void stop() throws Exception {
        producer.shutdown();
        if (consumer != null) {
            consumer.shutdown();
        }
        server.close();
    }

    /** What the application says: by message body, at the send and when it is asked. */
    private static final class Decisions implements TransactionListener {
        final Map<String, LocalTransactionState> atSend = new ConcurrentHashMap<>();
        final Map<String, LocalTransactionState> whenAsked = new ConcurrentHashMap<>();
        final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
        final List<MessageExt> questions = new CopyOnWriteArrayList<>();

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return atSend.getOrDefault(text(message), LocalTransactionState.UNKNOW);
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            questions.add(message);
            asked.computeIfAbsent(text(message), body -> new AtomicInteger()).incrementAndGet();
            return whenAsked.getOrDefault(text(message), LocalTransactionState.UNKNOW);
        }

        int asked(String body) {
            return asked.getOrDefault(body, new AtomicInteger()).get();
        }
    }

    private static String text(Message message) {
        return new String(message.getBody(), UTF_8);
    }

    private TransactionMQProducer producer(String group, TransactionListener listener) throws Exception {
        TransactionMQProducer made = new TransactionMQProducer(group);
        made.setNamesrvAddr(server.nameServerAddress());
        made.setInstanceName("tx" + System.nanoTime());
        made.setHeartbeatBrokerInterval(500);
        made.setPollNameServerInterval(500);
        made.setTransactionListener(listener);
        made.start();
        return made;
    }

    private TransactionSendResult send(String topic, String body) throws Exception {
        return producer.sendMessageInTransaction(new Message(topic, "tag", "key-" + body, body.getBytes(UTF_8)), null);
    }

    private void consume(String topic) throws Exception {
        DefaultMQPushConsumer made = new DefaultMQPushConsumer("readers");
        consumer = made;
        made.setNamesrvAddr(server.nameServerAddress());
        made.setInstanceName("c" + System.nanoTime());
        made.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        made.setPollNameServerInterval(500);
        made.subscribe(topic, "*");
        made.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            seen.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        made.start();
    }

    private void awaitSeen(String... bodies) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(seen).extracting(TransactionsTest::text).containsExactlyInAnyOrder(bodies));
    }

    @Test
    void showsWhatIsCommittedAndNothingElse() throws Exception {
        decisions.atSend.put("yes", LocalTransactionState.COMMIT_MESSAGE);
        decisions.atSend.put("no", LocalTransactionState.ROLLBACK_MESSAGE);

        SendResult no = send("tx", "no");
        SendResult yes = send("tx", "yes");
        consume("tx");
        awaitSeen("yes");

        assertThat(no.getMsgId()).isNotEqualTo(yes.getMsgId());
        MessageExt message = seen.get(0);
        assertThat(message.getMsgId()).isEqualTo(yes.getMsgId());
        assertThat(message.getTags()).isEqualTo("tag");
        assertThat(message.getKeys()).isEqualTo("key-yes");
        assertThat(message.getProperty("TRAN_MSG")).isNull();
        assertThat(message.getSysFlag() & 0xC).isEqualTo(8);
        assertThat(message.getPreparedTransactionOffset()).isPositive();
        assertThat(server.broker().halfMessages().pending()).isEmpty();
        assertThat(decisions.asked("yes")).isZero();
    }

    @Test
    void asksTheProducerAboutWhatItLeftOpen() throws Exception {
        decisions.whenAsked.put("later yes", LocalTransactionState.COMMIT_MESSAGE);
        decisions.whenAsked.put("later no", LocalTransactionState.ROLLBACK_MESSAGE);
        send("open", "later yes");
        send("open", "later no");
        consume("open");

        awaitSeen("later yes");
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(server.broker().halfMessages().pending()).isEmpty());
        assertThat(decisions.questions).allSatisfy(question -> {
            assertThat(question.getTopic()).isEqualTo("open");
            assertThat(question.getProperty("PGROUP")).isEqualTo("tx-group");
            assertThat(question.getTransactionId()).isEqualTo(question.getProperty("UNIQ_KEY"));
        });
    }

    @Test
    void givesUpAfterTheLastQuestion() throws Exception {
        send("silent", "undecided");

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(server.broker().halfMessages().pending()).isEmpty());
        assertThat(decisions.asked("undecided")).isEqualTo(QUICK.mostChecks());
        consume(TransactionChecks.GIVEN_UP_TOPIC);
        awaitSeen("undecided");
        assertThat(seen.get(0).getProperty("REAL_TOPIC")).isEqualTo("silent");
    }

    @Test
    void asksAnotherProducerOfTheGroupAfterARestart() throws Exception {
        send("survives", "before");
        producer.shutdown();
        int nativePort = server.port();
        int routesPort = server.routesPort();
        server.close();

        server = new NativeServer(directory, nativePort, routesPort, QUICK);
        assertThat(server.broker().halfMessages().pending()).hasSize(1);
        Decisions others = new Decisions();
        others.whenAsked.put("before", LocalTransactionState.COMMIT_MESSAGE);
        producer = producer("tx-group", others);
        producer.send(new Message("survives", "plain".getBytes(UTF_8))); // gives it a broker to tell of itself
        consume("survives");

        awaitSeen("before", "plain");
    }

    @Test
    void refusesADecisionThatIsWrongOrComesTwice() throws Exception {
        decisions.atSend.put("once", LocalTransactionState.COMMIT_MESSAGE);
        TransactionSendResult sent = send("twice", "left open");
        send("twice", "once");
        long position =
                server.broker().halfMessages().pending().iterator().next().position();
        try (Frames client = new Frames(server.port())) {
            ExtFields wrongGroup = end(position, sent.getQueueOffset(), "other-group", 8);
            assertThat(client.ask(RequestCode.END_TRANSACTION, wrongGroup))
                    .satisfies(answer -> assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR))
                    .satisfies(answer -> assertThat(answer.remark()).contains("producer group wrong"));
            ExtFields wrongNumber = end(position, 77, "tx-group", 8);
            assertThat(client.ask(RequestCode.END_TRANSACTION, wrongNumber).remark())
                    .contains("state table offset wrong");
            ExtFields right = end(position, sent.getQueueOffset(), "tx-group", 12);
            assertThat(client.ask(RequestCode.END_TRANSACTION, right).code()).isZero();
            assertThat(client.ask(RequestCode.END_TRANSACTION, right).remark())
                    .contains("Find prepared transaction message failed");
            assertThat(client.ask(RequestCode.END_TRANSACTION, end(position, 0, "tx-group", 5))
                            .remark())
                    .contains("commitOrRollback 5");
        }
    }

    private static ExtFields end(long position, long number, String group, int decision) {
        return new ExtFields()
                .with("producerGroup", group)
                .with("tranStateTableOffset", number)
                .with("commitLogOffset", position)
                .with("commitOrRollback", decision)
                .with("msgId", "x");
    }
}
