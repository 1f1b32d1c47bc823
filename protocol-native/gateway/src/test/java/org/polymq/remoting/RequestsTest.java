/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.HeaderFormat;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** Requests as no official client sends them: each gets its own error, none is left without an answer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestsTest {
    private NativeServer server;
    private Frames client;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        server = new NativeServer(directory);
        client = new Frames(server.port());
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void answersAnUnknownCodeAsRocketMqDoes() throws Exception {
        Frames.Answer answer = client.ask(9999, ExtFields.none());

        assertThat(answer.code()).isEqualTo(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
        assertThat(answer.remark()).isEqualTo(" request type 9999 not supported");
    }

    @Test
    void namesAMissingField() throws Exception {
        Frames.Answer answer = client.ask(RequestCode.SEND_MESSAGE_V2, new ExtFields().with("a", "g"));

        assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(answer.remark()).isEqualTo("the custom field <b> is null");
    }

    @Test
    void answersABinaryRequestInBinary() throws Exception {
        ExtFields fields = new ExtFields().with("a", "g");
        client.send(RemotingCommand.oneway(HeaderFormat.BINARY, 9999, 70, fields, new byte[0]));

        assertThat(client.ask(9999, ExtFields.none()).head().format()).isEqualTo(HeaderFormat.JSON);
        assertThat(client.unread()).as("one-way requests are not answered").isZero();
    }

    @Test
    void refusesNamesThatAreNone() throws Exception {
        assertThat(client.ask(RequestCode.SEND_MESSAGE_V2, send("no such/name"), "x".getBytes(UTF_8))
                        .code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(client.ask(RequestCode.SEND_MESSAGE_V2, send("t".repeat(128)), "x".getBytes(UTF_8))
                        .remark())
                .contains("127");
        assertThat(client.ask(RequestCode.SEND_MESSAGE_V2, send("TBW102"), "x".getBytes(UTF_8))
                        .code())
                .isEqualTo(ResponseCode.NO_PERMISSION);
    }

    @Test
    void refusesAMessageThatIsTooLarge() throws Exception {
        Frames.Answer answer = client.ask(RequestCode.SEND_MESSAGE_V2, send("large"), new byte[5 << 20]);

        assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
        assertThat(answer.remark()).contains("exceeds the limit");
    }

    @Test
    void refusesABatchThatIsCutOff() throws Exception {
        Frames.Answer answer = client.ask(RequestCode.SEND_BATCH_MESSAGE, send("batch"), new byte[30]);

        assertThat(answer.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
        assertThat(answer.remark()).contains("cut off");
    }

    @Test
    void saysWhatIsMissingForAPull() throws Exception {
        assertThat(client.ask(RequestCode.PULL_MESSAGE, pull("g", "nowhere", 0, 0))
                        .code())
                .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);

        client.ask(RequestCode.SEND_MESSAGE_V2, send("pulled"), "x".getBytes(UTF_8));

        assertThat(client.ask(RequestCode.PULL_MESSAGE, pull("g", "pulled", 9, 0))
                        .code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(client.ask(
                                RequestCode.PULL_MESSAGE,
                                pull("g", "pulled", 0, 0).with("sysFlag", 0))
                        .code())
                .isEqualTo(ResponseCode.SUBSCRIPTION_NOT_EXIST);
        assertThat(client.ask(RequestCode.PULL_MESSAGE, pull("g", "pulled", 0, 77))
                        .code())
                .isEqualTo(ResponseCode.PULL_OFFSET_MOVED);
        assertThat(client.ask(RequestCode.PULL_MESSAGE, pull("g", "pulled", 0, 1))
                        .code())
                .isEqualTo(ResponseCode.PULL_NOT_FOUND);
        Frames.Answer found = client.ask(RequestCode.PULL_MESSAGE, pull("g", "pulled", 0, 0));
        assertThat(found.code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(found.head().fields().string("nextBeginOffset")).isEqualTo("1");
    }

    @Test
    void parksAPullUntilAMessageMatchesOrItsTimeIsUp() throws Exception {
        client.ask(RequestCode.SEND_MESSAGE_V2, send("parked"), "x".getBytes(UTF_8));
        ExtFields wanting = pull("g", "parked", 0, 1).with("sysFlag", 6).with("subscription", "yes");
        try (Frames waiting = new Frames(server.port())) {
            waiting.send(RemotingCommand.request(RequestCode.PULL_MESSAGE, 1, wanting, new byte[0]));
            client.ask(
                    RequestCode.SEND_MESSAGE_V2, send("parked").with("i", "TAGS\u0001no\u0002"), "n".getBytes(UTF_8));
            client.ask(
                    RequestCode.SEND_MESSAGE_V2, send("parked").with("i", "TAGS\u0001yes\u0002"), "y".getBytes(UTF_8));

            Frames.Answer answer = waiting.next();
            if (answer.code() == ResponseCode.PULL_RETRY_IMMEDIATELY) { // it came after the one that does not match
                answer = waiting.ask(RequestCode.PULL_MESSAGE, wanting.with("queueOffset", 2));
            }
            assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(answer.head().fields().string("nextBeginOffset")).isEqualTo("3");

            ExtFields brief = pull("g", "parked", 0, 3).with("sysFlag", 6).with("suspendTimeoutMillis", 50);
            assertThat(waiting.ask(RequestCode.PULL_MESSAGE, brief).code()).isEqualTo(ResponseCode.PULL_NOT_FOUND);
        }
    }

    @Test
    void tellsAShortHeartbeatOfAStrangerToSendAWholeOne() throws Exception {
        byte[] whole =
                ("{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"short\",\"messageModel\":\"CLUSTERING\","
                                + "\"subscriptionDataSet\":[{\"topic\":\"t\",\"subString\":\"*\"}]}],\"heartbeatFingerprint\":5}")
                        .getBytes(UTF_8);
        byte[] brief = ("{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"short\"}],"
                        + "\"heartbeatFingerprint\":5,\"withoutSub\":true}")
                .getBytes(UTF_8);
        try (Frames other = new Frames(server.port())) {
            assertThat(subscriptionChanged(other.ask(RequestCode.HEART_BEAT, ExtFields.none(), brief)))
                    .isTrue();
            other.send(RemotingCommand.request(RequestCode.HEART_BEAT, 50, ExtFields.none(), whole));
            Frames.Answer first = other.next();
            Frames.Answer second = other.next();
            assertThat(java.util.List.of(first.code(), second.code()))
                    .containsExactlyInAnyOrder(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, ResponseCode.SUCCESS);
            assertThat(subscriptionChanged(other.ask(RequestCode.HEART_BEAT, ExtFields.none(), brief)))
                    .isFalse();
            assertThat(other.ask(RequestCode.GET_CONSUMER_LIST_BY_GROUP, new ExtFields().with("consumerGroup", "short"))
                            .body())
                    .isEqualTo("{\"consumerIdList\":[\"c\"]}");
        }
        await().untilAsserted(() -> assertThat(client.ask(
                                RequestCode.GET_CONSUMER_LIST_BY_GROUP, new ExtFields().with("consumerGroup", "short"))
                        .code())
                .isEqualTo(ResponseCode.SYSTEM_ERROR));
    }

    private static boolean subscriptionChanged(Frames.Answer answer) {
        return answer.head().fields().flag("IS_SUB_CHANGE", false);
    }

    @Test
    void locksAQueueForOneMemberAtATime() throws Exception {
        String queues =
                "\"consumerGroup\":\"locking\",\"mqSet\":[{\"topic\":\"t\",\"brokerName\":\"broker-a\",\"queueId\":1}]}";
        byte[] one = ("{\"clientId\":\"one\"," + queues).getBytes(UTF_8);
        byte[] two = ("{\"clientId\":\"two\"," + queues).getBytes(UTF_8);

        assertThat(client.ask(RequestCode.LOCK_BATCH_MQ, ExtFields.none(), one).body())
                .contains("\"queueId\":1");
        assertThat(client.ask(RequestCode.LOCK_BATCH_MQ, ExtFields.none(), two).body())
                .isEqualTo("{\"lockOKMQSet\":[]}");
        assertThat(client.ask(RequestCode.UNLOCK_BATCH_MQ, ExtFields.none(), one)
                        .code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertThat(client.ask(RequestCode.LOCK_BATCH_MQ, ExtFields.none(), two).body())
                .contains("\"queueId\":1");
    }

    @Test
    void closesOnlyTheConnectionThatSendsGarbageAndCountsIt() throws Exception {
        Random random = new Random(7);
        double before = badInput();
        for (int i = 0; i < 20; i++) {
            byte[] garbage = new byte[64];
            random.nextBytes(garbage);
            garbage[0] = 0;
            garbage[1] = 0;
            garbage[2] = 0;
            garbage[3] = 60;
            garbage[4] = 5; // no header format
            try (Frames bad = new Frames(server.port())) {
                bad.sendBytes(garbage);
                await().until(() -> !bad.isOpen());
            }
        }

        await().untilAsserted(() -> assertThat(badInput()).isEqualTo(before + 20));
        assertThat(client.ask(9999, ExtFields.none()).code()).isEqualTo(3);
    }

    private double badInput() {
        return server.registry().find("polymq.bad.input").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private static ExtFields send(String topic) {
        return new ExtFields()
                .with("a", "g")
                .with("b", topic)
                .with("c", "TBW102")
                .with("d", 4)
                .with("e", 0)
                .with("f", 0)
                .with("g", 5)
                .with("h", 0);
    }

    private static ExtFields pull(String group, String topic, int queueId, long offset) {
        return new ExtFields()
                .with("consumerGroup", group)
                .with("topic", topic)
                .with("queueId", queueId)
                .with("queueOffset", offset)
                .with("maxMsgNums", 32)
                .with("sysFlag", 4)
                .with("commitOffset", 0)
                .with("suspendTimeoutMillis", 15_000)
                .with("subscription", "*")
                .with("subVersion", 1);
    }
}
