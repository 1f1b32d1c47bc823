/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** Consuming by POP, request by request. */
class PopTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private NativeServer server;
    private Frames client;

    @BeforeEach
    void start() throws Exception {
        server = new NativeServer(directory);
        client = new Frames(server.port());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    private void topic(TopicSpec spec) {
        server.broker().topics().update(spec, Lane.direct(), Reply.of(made -> {}, refused -> {
            throw refused;
        }));
    }

    private void topic(String name, int queues) {
        topic(TopicSpec.topic(name, queues, Topic.Origin.NATIVE));
    }

    private void send(String topic, int queue, String body) throws Exception {
        ExtFields fields = new ExtFields()
                .with("a", "g")
                .with("b", topic)
                .with("c", "TBW102")
                .with("d", 1)
                .with("e", queue)
                .with("f", 0)
                .with("g", 5)
                .with("h", 0)
                .with("i", "TAGS\u0001" + body.charAt(0) + "\u0002");
        assertThat(client.ask(RequestCode.SEND_MESSAGE_V2, fields, body.getBytes(UTF_8))
                        .code())
                .isZero();
    }

    private static ExtFields popping(String group, String topic, int queue, int most, long invisible, long poll) {
        return new ExtFields()
                .with("consumerGroup", group)
                .with("topic", topic)
                .with("queueId", queue)
                .with("maxMsgNums", most)
                .with("invisibleTime", invisible)
                .with("pollTime", poll)
                .with("bornTime", System.currentTimeMillis())
                .with("initMode", 0);
    }

    private record Popped(RemotingCommand head, List<MessageExt> messages) {
        List<String> bodies() {
            return messages.stream()
                    .map(message -> new String(message.getBody(), UTF_8))
                    .toList();
        }

        /** The receipt as a client builds it. */
        String receipt(int index) {
            MessageExt message = messages.get(index);
            return message.getQueueOffset() + " " + head.fields().string("popTime") + " "
                    + head.fields().string("invisibleTime") + " "
                    + head.fields().string("reviveQid") + " 0 broker-a "
                    + message.getQueueId() + " " + message.getQueueOffset();
        }
    }

    private Popped pop(ExtFields fields) throws Exception {
        client.send(RemotingCommand.request(RequestCode.POP_MESSAGE, 1, fields, new byte[0]));
        Frames.Answer answer = client.next();
        List<MessageExt> messages = answer.code() == ResponseCode.SUCCESS
                ? new ArrayList<>(MessageDecoder.decodes(answer.bytes().duplicate()))
                : List.of();
        return new Popped(answer.head(), messages);
    }

    private static ExtFields ack(String group, String topic, Popped popped, int index) {
        MessageExt message = popped.messages().get(index);
        return new ExtFields()
                .with("consumerGroup", group)
                .with("topic", topic)
                .with("queueId", message.getQueueId())
                .with("extraInfo", popped.receipt(index))
                .with("offset", message.getQueueOffset());
    }

    @Test
    void handsEachMessageToOneMemberAndForgetsWhatIsAcknowledged() throws Exception {
        topic("p", 2);
        for (int i = 0; i < 6; i++) {
            send("p", i % 2, "m" + i);
        }

        List<String> seen = new ArrayList<>();
        Popped first = pop(popping("g", "p", -1, 4, 60_000, 5_000));
        seen.addAll(first.bodies());
        await().atMost(PATIENCE).untilAsserted(() -> {
            seen.addAll(pop(popping("g", "p", -1, 32, 60_000, 50)).bodies());
            assertThat(seen).containsExactlyInAnyOrder("m0", "m1", "m2", "m3", "m4", "m5");
        });
        for (int i = 0; i < first.messages().size(); i++) {
            assertThat(client.ask(RequestCode.ACK_MESSAGE, ack("g", "p", first, i)))
                    .satisfies(answer -> assertThat(answer.code()).isZero())
                    .satisfies(answer -> assertThat(answer.head().remark()).isNull());
        }

        Popped none = pop(popping("g", "p", -1, 32, 60_000, 50));
        assertThat(none.head().code()).isEqualTo(ResponseCode.POLLING_TIMEOUT);
        assertThat(none.head().fields().string("restNum")).isEqualTo("0");
    }

    @Test
    void keepsAcknowledgementsAndForgetsHoldersAtARestart() throws Exception {
        topic("r", 1);
        send("r", 0, "done");
        send("r", 0, "held");
        Popped both = pop(popping("g", "r", 0, 2, 600_000, 5_000));
        while (both.messages().size() < 2) {
            both.messages().addAll(pop(popping("g", "r", 0, 2, 600_000, 5_000)).messages());
        }
        assertThat(client.ask(RequestCode.ACK_MESSAGE, ack("g", "r", both, 0)).code())
                .isZero();
        stop();
        start();

        assertThat(pop(popping("g", "r", 0, 32, 1_000, 5_000)).bodies()).containsExactly("held");
    }

    @Test
    void keepsAcknowledgementsWhereTheGroupsOffsetWasLost() throws Exception {
        topic("l", 1);
        send("l", 0, "one");
        send("l", 0, "two");
        acknowledgeBoth("l");
        long queue = requireNonNull(server.broker().topics().get("l")).queueKey(0);
        server.broker().groups().commit("g", queue, 0); // as after a crash before the offset was stored
        stop();
        start();

        assertThat(pop(popping("g", "l", 0, 32, 1_000, 50)).head().code()).isEqualTo(ResponseCode.POLLING_TIMEOUT);
    }

    @Test
    void goesBackWhereAGroupIsSentThatDoesNotPop() throws Exception {
        topic("b", 1);
        send("b", 0, "one");
        send("b", 0, "two");
        acknowledgeBoth("b");
        stop();
        start();
        ExtFields commit = new ExtFields()
                .with("consumerGroup", "g")
                .with("topic", "b")
                .with("queueId", 0)
                .with("commitOffset", 1);
        assertThat(client.ask(RequestCode.UPDATE_CONSUMER_OFFSET, commit).code())
                .isZero();

        assertThat(pop(popping("g", "b", 0, 32, 1_000, 5_000)).bodies()).containsExactly("two");
    }

    private void acknowledgeBoth(String topic) throws Exception {
        int done = 0;
        while (done < 2) {
            Popped some = pop(popping("g", topic, 0, 2, 600_000, 5_000));
            for (int i = 0; i < some.messages().size(); i++) {
                assertThat(client.ask(RequestCode.ACK_MESSAGE, ack("g", topic, some, i))
                                .code())
                        .isZero();
                done++;
            }
        }
    }

    @Test
    void handsAMessageOutAgainWhenItsTimeIsOver() throws Exception {
        topic("again", 1);
        send("again", 0, "x");
        Popped first = pop(popping("g", "again", 0, 1, 200, 5_000));
        Popped second = pop(popping("g", "again", 0, 1, 60_000, 10_000));

        assertThat(second.bodies()).containsExactly("x");
        assertThat(second.messages().get(0).getReconsumeTimes()).isEqualTo(1);
        Frames.Answer late = client.ask(RequestCode.ACK_MESSAGE, ack("g", "again", first, 0));
        assertThat(late.code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(late.remark()).contains("expired");
        assertThat(client.ask(RequestCode.ACK_MESSAGE, ack("g", "again", second, 0))
                        .head()
                        .remark())
                .isNull();
        assertThat(pop(popping("g", "again", 0, 1, 100, 300)).messages()).isEmpty();
    }

    @Test
    void changesHowLongAMessageStaysHidden() throws Exception {
        topic("hidden", 1);
        send("hidden", 0, "x");
        Popped first = pop(popping("g", "hidden", 0, 1, 300, 5_000));
        Frames.Answer longer = client.ask(
                RequestCode.CHANGE_MESSAGE_INVISIBLETIME,
                ack("g", "hidden", first, 0).with("invisibleTime", 60_000));
        assertThat(longer.code()).isZero();
        assertThat(pop(popping("g", "hidden", 0, 1, 300, 700)).messages()).isEmpty();

        String receipt = "0 " + longer.head().fields().string("popTime") + " 60000 0 0 broker-a 0 0";
        Frames.Answer now = client.ask(
                RequestCode.CHANGE_MESSAGE_INVISIBLETIME,
                ack("g", "hidden", first, 0).with("extraInfo", receipt).with("invisibleTime", 0));
        assertThat(now.code()).isZero();
        assertThat(pop(popping("g", "hidden", 0, 1, 300, 5_000)).bodies()).containsExactly("x");
    }

    @Test
    void wakesAMemberThatWaits() throws Exception {
        topic("wakes", 1);
        try (Frames waiting = new Frames(server.port())) {
            waiting.send(RemotingCommand.request(
                    RequestCode.POP_MESSAGE, 9, popping("g", "wakes", -1, 8, 1_000, 10_000), new byte[0]));
            waiting.send(RemotingCommand.request(
                    RequestCode.NOTIFICATION,
                    10,
                    popping("other", "wakes", -1, 8, 1_000, 10_000).with("initMode", 1),
                    new byte[0]));
            await().untilAsserted(() -> assertThat(client.ask(
                                    RequestCode.POLLING_INFO,
                                    new ExtFields()
                                            .with("consumerGroup", "g")
                                            .with("topic", "wakes")
                                            .with("queueId", 0))
                            .head()
                            .fields()
                            .string("pollingNum"))
                    .isEqualTo("1"));
            send("wakes", 0, "x");
            List<Frames.Answer> answers = List.of(waiting.next(), waiting.next());
            assertThat(answers).anySatisfy(answer -> assertThat(answer.body()).contains("x"));
            assertThat(answers)
                    .anySatisfy(answer ->
                            assertThat(answer.head().fields().get("hasMsg")).isEqualTo("true"));
        }
    }

    @Test
    void keepsTheOrderOfAQueueForAnOrderlyGroup() throws Exception {
        topic("ordered", 1);
        for (int i = 0; i < 5; i++) {
            send("ordered", 0, "m" + i);
        }
        ExtFields orderly =
                popping("g", "ordered", 0, 2, 300, 5_000).with("order", true).with("attemptId", "a");
        Popped first = pop(orderly);
        Popped same = pop(orderly);
        assertThat(same.bodies()).as("the same attempt").isEqualTo(first.bodies());
        ExtFields other =
                popping("g", "ordered", 0, 2, 60_000, 100).with("order", true).with("attemptId", "b");
        assertThat(pop(other).messages()).as("another attempt waits").isEmpty();

        Popped again = pop(popping("g", "ordered", 0, 2, 60_000, 10_000)
                .with("order", true)
                .with("attemptId", "c"));
        assertThat(again.bodies()).as("the time of the first is over").startsWith("m0");
        for (int i = 0; i < again.messages().size(); i++) {
            client.ask(RequestCode.ACK_MESSAGE, ack("g", "ordered", again, i));
        }
        assertThat(pop(other.with("pollTime", 5_000)).bodies().get(0))
                .isEqualTo("m" + again.messages().size());
    }

    @Test
    void givesAQueuesMessagesToAGroupOfTheQueue() throws Exception {
        topic(TopicSpec.queue("orders", Topic.Origin.JMS));
        send("orders", 0, "x");
        send("orders", 0, "y");

        Popped first = pop(popping("%QUEUE%orders", "orders", -1, 1, 60_000, 5_000));
        assertThat(first.bodies()).containsExactly("x");
        assertThat(client.ask(RequestCode.ACK_MESSAGE, ack("%QUEUE%orders", "orders", first, 0))
                        .head()
                        .remark())
                .isNull();
        assertThat(server.broker().subscriptions().find(org.polymq.broker.subscription.SubscriptionKey.queue("orders")))
                .hasValueSatisfying(queue -> assertThat(queue.pending()).isEqualTo(1));
        assertThat(pop(popping("%QUEUE%other", "orders", -1, 1, 60_000, 100))
                        .head()
                        .code())
                .isEqualTo(ResponseCode.NO_PERMISSION);
    }

    @Test
    void movesAMessageToTheDeadLettersAfterTheLastTry() throws Exception {
        topic("dead", 1);
        server.broker()
                .groups()
                .update(
                        new org.polymq.broker.group.Group(
                                "g", true, true, 1, false, true, true, 1, "", java.util.Map.of()),
                        Lane.direct(),
                        Reply.of(made -> {}, refused -> {}));
        send("dead", 0, "bad");
        pop(popping("g", "dead", 0, 1, 100, 5_000));
        pop(popping("g", "dead", 0, 1, 100, 5_000));
        assertThat(pop(popping("g", "dead", 0, 1, 100, 1_000)).messages()).isEmpty();

        Popped letter = pop(popping("%QUEUE%%DLQ%g", "%DLQ%g", -1, 1, 1_000, 5_000));
        assertThat(letter.bodies()).containsExactly("bad");
        assertThat(letter.messages().get(0).getProperty("DLQ_ORIGIN_TOPIC")).isEqualTo("dead");
    }

    @Test
    void acknowledgesMany() throws Exception {
        topic("many", 1);
        for (int i = 0; i < 3; i++) {
            send("many", 0, "m" + i);
        }
        List<MessageExt> all = new ArrayList<>();
        Popped last = pop(popping("g", "many", 0, 3, 60_000, 5_000));
        all.addAll(last.messages());
        while (all.size() < 3) {
            last = pop(popping("g", "many", 0, 3, 60_000, 5_000));
            all.addAll(last.messages());
        }
        BitSet bits = new BitSet();
        last.messages().forEach(message -> bits.set((int) message.getQueueOffset()));
        String body = "{\"brokerName\":\"broker-a\",\"acks\":[{\"c\":\"g\",\"t\":\"many\",\"r\":\"0\",\"so\":0,\"q\":0,"
                + "\"rq\":0,\"pt\":" + last.head().fields().string("popTime") + ",\"it\":60000,\"b\":\""
                + Base64.getEncoder().encodeToString(bits.toByteArray()) + "\"}]}";

        Frames.Answer answer = client.ask(RequestCode.BATCH_ACK_MESSAGE, new ExtFields(), body.getBytes(UTF_8));

        assertThat(answer.code()).isZero();
        assertThat(answer.head().remark()).isNull();
    }

    @Test
    void refusesWhatMakesNoSense() throws Exception {
        topic("strict", 1);
        assertThat(pop(popping("g", "missing", -1, 1, 1_000, 0)).head().code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        assertThat(pop(popping("g", "strict", 7, 1, 1_000, 0)).head().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(pop(popping("g", "strict", -1, 33, 1_000, 0)).head().code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(pop(popping("g", "strict", -1, 1, 1_000, 0)
                                .with("exp", "a >")
                                .with("expType", "SQL92"))
                        .head()
                        .code())
                .isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
        ExtFields ack = new ExtFields()
                .with("consumerGroup", "g")
                .with("topic", "strict")
                .with("queueId", 0)
                .with("extraInfo", "0 1 2 0 0 broker-a 0 5")
                .with("offset", 5);
        assertThat(client.ask(RequestCode.ACK_MESSAGE, ack).code()).isEqualTo(ResponseCode.NO_MESSAGE);
        assertThat(client.ask(RequestCode.ACK_MESSAGE, ack.with("queueId", 3)).code())
                .isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
        assertThat(client.ask(RequestCode.ACK_MESSAGE, ack.with("extraInfo", "junk"))
                        .remark())
                .contains("receipt handle");
    }

    @Test
    void changesToPullingOnlyWhenNothingIsInFlight() throws Exception {
        topic("mode", 1);
        send("mode", 0, "x");
        Popped held = pop(popping("g", "mode", 0, 1, 60_000, 5_000));
        assertThat(client.ask(RequestCode.SET_MESSAGE_REQUEST_MODE, new ExtFields(), mode("PULL"))
                        .remark())
                .contains("1 messages");
        ExtFields pull = new ExtFields()
                .with("consumerGroup", "g")
                .with("topic", "mode")
                .with("queueId", 0)
                .with("queueOffset", 0)
                .with("maxMsgNums", 32)
                .with("sysFlag", 4)
                .with("commitOffset", 0)
                .with("suspendTimeoutMillis", 0)
                .with("subscription", "*")
                .with("subVersion", 1);
        assertThat(client.ask(RequestCode.PULL_MESSAGE, pull).remark()).contains("by POP");

        client.ask(RequestCode.ACK_MESSAGE, ack("g", "mode", held, 0));

        await().untilAsserted(
                        () -> assertThat(client.ask(RequestCode.SET_MESSAGE_REQUEST_MODE, new ExtFields(), mode("PULL"))
                                        .code())
                                .isZero());
        assertThat(client.ask(RequestCode.PULL_MESSAGE, pull).code()).isZero();
        ExtFields offset =
                new ExtFields().with("consumerGroup", "g").with("topic", "mode").with("queueId", 0);
        assertThat(client.ask(RequestCode.QUERY_CONSUMER_OFFSET, offset)
                        .head()
                        .fields()
                        .get("offset"))
                .isEqualTo("1");
    }

    private static byte[] mode(String mode) {
        return ("{\"consumerGroup\":\"g\",\"mode\":\"" + mode + "\",\"popShareQueueNum\":0,\"topic\":\"mode\"}")
                .getBytes(UTF_8);
    }
}
