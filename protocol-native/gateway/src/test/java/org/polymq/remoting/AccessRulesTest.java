/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.security.AccessKey;
import org.polymq.broker.security.Audit;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.RequestSignature;
import org.polymq.remoting.wire.ResponseCode;

/** Every request code that is served: by whom it may be sent. */
class AccessRulesTest {
    /** Codes that need no more than to be somebody: the requester's address is what they are permitted by. */
    private static final Set<Integer> FOR_ALL_USERS =
            Set.of(RequestCode.SEND_REPLY_MESSAGE, RequestCode.SEND_REPLY_MESSAGE_V2);
    /** Codes that name something which the handler looks for first. */
    private static final Set<Integer> NOTHING_NAMED = Set.of(RequestCode.UNREGISTER_CLIENT);

    @TempDir
    Path directory;

    private NativeServer server;
    private Frames client;
    private long position;

    @BeforeEach
    void open() throws Exception {
        server = NativeServer.secured(directory);
        client = new Frames(server.port());
        TestBroker.addUser(server.broker(), "root", "password", "allow PUB,SUB,MANAGE any:*");
        TestBroker.addUser(server.broker(), "nobody", "password");
        AccessKey.Created root = key("root");
        Frames.Answer sent = client.ask(
                RequestCode.SEND_MESSAGE,
                signed(fields(Map.of()).with("queueId", 0), new byte[] {1}, root),
                new byte[] {1});
        assertThat(sent.code()).as(sent.remark()).isEqualTo(ResponseCode.SUCCESS);
        String id = sent.head().fields().string("msgId");
        position = Long.parseLong(id.substring(id.length() - 16), 16);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        server.close();
    }

    private AccessKey.Created key(String user) {
        Answer<AccessKey.Created> created = new Answer<>();
        server.broker().security().accounts().createAccessKey(user, Lane.direct(), created);
        return created.get();
    }

    private static ExtFields signed(ExtFields fields, byte[] body, AccessKey.Created key) {
        return RequestSignature.sign(fields, body, key.key().id(), key.secret());
    }

    /** Everything that any request's header may ask for. */
    private ExtFields fields(Map<String, String> more) {
        ExtFields fields = new ExtFields();
        for (String name : List.of("topic", "b", "group", "groupName", "consumerGroup", "srcGroup", "destGroup")) {
            fields.with(name, "secret");
        }
        for (String name : List.of("producerGroup", "a", "defaultTopic", "c", "statsName", "statsKey", "username")) {
            fields.with(name, "secret");
        }
        fields.with("subject", "User:nobody")
                .with("msgId", "0")
                .with("clientId", "c")
                .with("key", "k");
        fields.with("clientID", "c").with("extraInfo", "0 0 0 0 0 broker-a 0 0").with("recallHandle", "x");
        for (String name : List.of(
                "queueId",
                "e",
                "sysFlag",
                "f",
                "flag",
                "h",
                "bornTimestamp",
                "g",
                "defaultTopicQueueNums",
                "d",
                "queueOffset",
                "maxMsgNums",
                "commitOffset",
                "suspendTimeoutMillis",
                "subVersion",
                "timestamp",
                "delayLevel",
                "invisibleTime",
                "pollTime",
                "bornTime",
                "initMode",
                "index",
                "count",
                "maxNum",
                "beginTimestamp",
                "endTimestamp",
                "tranStateTableOffset",
                "commitOrRollback")) {
            fields.with(name, 0);
        }
        fields.with("perm", 6) // a topic that nobody may write to would refuse what comes after
                .with("readQueueNums", 1)
                .with("writeQueueNums", 1)
                .with("order", false)
                .with("isOrder", false);
        fields.with("offset", position).with("commitLogOffset", position);
        more.forEach(fields::with);
        return fields;
    }

    private static byte[] body(int code) {
        return switch (code) {
            case RequestCode.HEART_BEAT ->
                json(
                        "{'clientID':'c','consumerDataSet':[{'groupName':'secret','subscriptionDataSet':[{'topic':'secret'}]}]}");
            case RequestCode.LOCK_BATCH_MQ, RequestCode.UNLOCK_BATCH_MQ ->
                json("{'consumerGroup':'secret','clientId':'c','mqSet':[]}");
            case RequestCode.CHECK_CLIENT_CONFIG -> json("{'group':'secret','subscriptionData':{'topic':'secret'}}");
            case RequestCode.QUERY_ASSIGNMENT, RequestCode.SET_MESSAGE_REQUEST_MODE ->
                json("{'consumerGroup':'secret','topic':'secret','clientId':'c'}");
            case 200151 -> json("{'acks':[{'c':'secret','t':'secret'}]}");
            case RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP -> json("{'groupName':'secret'}");
            case RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST ->
                json("{'groupConfigList':[{'groupName':'secret'}]}");
            case RequestCode.UPDATE_AND_CREATE_TOPIC_LIST -> json("{'topicConfigList':[{'topicName':'secret'}]}");
            case RequestCode.UPDATE_BROKER_CONFIG -> "defaultTopicQueueNums=8".getBytes(UTF_8);
            default -> json("{}");
        };
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(UTF_8);
    }

    private ExtFields fieldsOf(int code) {
        return code == RequestCode.SEND_BATCH_MESSAGE ? fields(Map.of("m", "false")) : fields(Map.of());
    }

    @Test
    void refusesEachCodeToAUserWithoutPermissions() throws Exception {
        AccessKey.Created nobody = key("nobody");
        List<String> wrong = new ArrayList<>();
        for (int code : new TreeSet<>(server.gateway().codes())) {
            if (code == RequestCode.SEND_BATCH_MESSAGE || FOR_ALL_USERS.contains(code)) {
                continue; // a batch has its own test; a reply goes where the request said
            }
            Frames.Answer answer = client.ask(code, signed(fieldsOf(code), body(code), nobody), body(code));
            if (answer.code() != ResponseCode.NO_PERMISSION) {
                wrong.add(code + ": " + answer.code() + " " + answer.remark());
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(server.broker().security().denials()).isGreaterThan(80);
    }

    @Test
    void refusesEachCodeWithoutACredential() throws Exception {
        for (int code : new TreeSet<>(server.gateway().codes())) {
            Frames.Answer answer = client.ask(code, fieldsOf(code), body(code));

            assertThat(answer.code()).as("code " + code).isEqualTo(ResponseCode.NO_PERMISSION);
        }
    }

    @Test
    void refusesEachCodeWithAWrongSignature() throws Exception {
        AccessKey.Created root = key("root");
        int code = RequestCode.GET_BROKER_RUNTIME_INFO;

        ExtFields fields = signed(fieldsOf(code), body(code), root).with("topic", "another");

        assertThat(client.ask(code, fields, body(code)).code()).isEqualTo(ResponseCode.NO_PERMISSION);
    }

    @Test
    void permitsNoCodeForWantOfAnything() throws Exception {
        AccessKey.Created root = key("root");
        List<String> wrong = new ArrayList<>();
        for (int code : new TreeSet<>(server.gateway().codes())) {
            if (code == RequestCode.SEND_BATCH_MESSAGE || NOTHING_NAMED.contains(code)) {
                continue;
            }
            if (code == RequestCode.PULL_MESSAGE || code == RequestCode.LITE_PULL_MESSAGE) {
                continue; // may be parked
            }
            Frames.Answer answer = client.ask(code, signed(fieldsOf(code), body(code), root), body(code));
            if (answer.code() == ResponseCode.NO_PERMISSION) {
                wrong.add(code + ": " + answer.remark());
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void checksASendAgainstItsPath() throws Exception {
        TestBroker.addUser(server.broker(), "heating", "password", "allow PUB topic:plant/heat");
        AccessKey.Created heating = key("heating");

        assertThat(send(heating, "TOPIC_PATH\u0001heat\u0002")).isEqualTo(ResponseCode.SUCCESS);
        assertThat(send(heating, "TOPIC_PATH\u0001light\u0002")).isEqualTo(ResponseCode.NO_PERMISSION);
        assertThat(send(heating, "")).isEqualTo(ResponseCode.NO_PERMISSION);
    }

    private int send(AccessKey.Created key, String properties) throws Exception {
        ExtFields fields = fields(Map.of("topic", "plant", "properties", properties));
        return client.ask(RequestCode.SEND_MESSAGE, signed(fields, new byte[] {7}, key), new byte[] {7})
                .code();
    }

    @Test
    void aGatewayWithACodeThatHasNoRuleIsNotBuilt() {
        var broker = server.broker();
        AccessRules rules = new AccessRules(
                broker.topics(), broker.messages(), broker.halfMessages(), new NativeTopicNames(), Audit.NONE);

        assertThatThrownBy(() -> new HandlerTable(Map.of(9_999, (request, from) -> {}), rules))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("9999");
    }
}
