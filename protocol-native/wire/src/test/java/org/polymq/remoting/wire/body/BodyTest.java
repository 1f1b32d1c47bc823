/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.remoting.wire.BadRequestException;

/** Bodies as real brokers, name servers and clients of RocketMQ 4.9.8, 5.3.3 and 5.5.0 write them. */
class BodyTest {
    private static final String ROUTE = "{\"brokerDatas\":[{\"brokerAddrs\":{\"0\":\"127.0.0.1:22011\"},\"brokerName\":"
            + "\"broker-2\",\"cluster\":\"DefaultCluster\",\"enableActingMaster\":false},{\"brokerAddrs\":{\"0\":"
            + "\"127.0.0.1:21911\"},\"brokerName\":\"broker-1\",\"cluster\":\"DefaultCluster\",\"enableActingMaster\":"
            + "false}],\"filterServerTable\":{},\"queueDatas\":[{\"brokerName\":\"broker-2\",\"perm\":6,"
            + "\"readQueueNums\":4,\"topicSysFlag\":0,\"writeQueueNums\":4},{\"brokerName\":\"broker-1\",\"perm\":6,"
            + "\"readQueueNums\":4,\"topicSysFlag\":0,\"writeQueueNums\":4}]}";
    private static final String CLUSTER = "{\"brokerAddrTable\":{\"broker-2\":{\"brokerAddrs\":{0:\"127.0.0.1:22011\"},"
            + "\"brokerName\":\"broker-2\",\"cluster\":\"DefaultCluster\",\"enableActingMaster\":false},\"broker-3\":"
            + "{\"brokerAddrs\":{0:\"127.0.0.1:22111\"},\"brokerName\":\"broker-3\",\"cluster\":\"DefaultCluster\","
            + "\"enableActingMaster\":false}},\"clusterAddrTable\":{\"DefaultCluster\":[\"broker-2\",\"broker-3\"]}}";
    private static final String HEARTBEAT = "{\"clientID\":\"127.0.0.1@19125#2705145386136\",\"consumerDataSet\":"
            + "[{\"consumeFromWhere\":\"CONSUME_FROM_FIRST_OFFSET\",\"consumeType\":\"CONSUME_PASSIVELY\",\"groupName\":"
            + "\"tr_c_conc\",\"messageModel\":\"CLUSTERING\",\"subscriptionDataSet\":[{\"classFilterMode\":false,"
            + "\"codeSet\":[3552231,3552232],\"expressionType\":\"TAG\",\"subString\":\"tagA || tagB\",\"subVersion\":"
            + "1795338880635,\"tagsSet\":[\"tagA\",\"tagB\"],\"topic\":\"TraceT76738\"},{\"classFilterMode\":false,"
            + "\"codeSet\":[],\"expressionType\":\"TAG\",\"subString\":\"*\",\"subVersion\":1795338880654,\"tagsSet\":[],"
            + "\"topic\":\"%RETRY%tr_c_conc\"}],\"unitMode\":false}],\"heartbeatFingerprint\":0,\"producerDataSet\":"
            + "[{\"groupName\":\"CLIENT_INNER_PRODUCER\"}],\"withoutSub\":false}";

    @Test
    void writesARouteAsARealNameServerDoes() {
        TopicRouteData route = TopicRouteData.of(utf8(ROUTE));

        assertThat(text(route.encode(true))).isEqualTo(ROUTE);
        assertThat(text(route.encode(false))).isEqualTo(ROUTE.replace("{\"0\":", "{0:"));
        assertThat(TopicRouteData.of(route.encode(false))).isEqualTo(route);
    }

    @Test
    void writesTheClusterWithBareBrokerIds() {
        ClusterInfo cluster =
                new ClusterInfo(List.of(broker("broker-2", "127.0.0.1:22011"), broker("broker-3", "127.0.0.1:22111")));

        assertThat(text(cluster.encode())).isEqualTo(CLUSTER);
    }

    @Test
    void readsAHeartbeat() {
        HeartbeatData heartbeat = HeartbeatData.of(utf8(HEARTBEAT));

        assertThat(heartbeat.clientId()).isEqualTo("127.0.0.1@19125#2705145386136");
        assertThat(heartbeat.producerGroups()).containsExactly("CLIENT_INNER_PRODUCER");
        ConsumerData consumer = heartbeat.consumers().get(0);
        assertThat(consumer.groupName()).isEqualTo("tr_c_conc");
        assertThat(consumer.subscriptions())
                .containsExactly(
                        SubscriptionData.ofTags("TraceT76738", "tagA || tagB", 1795338880635L),
                        SubscriptionData.ofTags("%RETRY%tr_c_conc", "*", 1795338880654L));
    }

    @Test
    void readsAndAnswersALockRequest() {
        LockBatchBody request = LockBatchBody.of(
                utf8(
                        "{\"clientId\":\"127.0.0.1@19125#2723487065782\",\"consumerGroup\":\"tr_c_orderly\",\"mqSet\":"
                                + "[{\"brokerName\":\"broker-1\",\"queueId\":3,\"topic\":\"TraceT76738\"}],\"onlyThisBroker\":false}"));

        assertThat(request.consumerGroup()).isEqualTo("tr_c_orderly");
        assertThat(text(LockBatchBody.locked(request.queues())))
                .isEqualTo("{\"lockOKMQSet\":[{\"brokerName\":\"broker-1\",\"queueId\":3,\"topic\":\"TraceT76738\"}]}");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void carriesARegistrationPlainAndDeflated(boolean compressed) {
        Map<String, TopicConfig> topics = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            topics.put("topic-" + i, new TopicConfig("topic-" + i, 4, 4, 6, 0, false));
        }
        RegisterBrokerBody body = new RegisterBrokerBody(new DataVersion(0, 5, 7), topics, List.of("127.0.0.1:1"));

        assertThat(RegisterBrokerBody.of(body.encode(compressed), compressed)).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{",
                "{\"clientID\":5}",
                "{\"clientID\":\"c\",\"consumerDataSet\":{}}",
                "{\"clientID\":\"c\",\"consumerDataSet\":[1]}",
                "{\"clientID\":\"c\",\"heartbeatFingerprint\":99999999999}",
                "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"g\",\"subscriptionDataSet\":[{\"topic\":\"t\","
                        + "\"codeSet\":[\"x\"]}]}]}"
            })
    void refusesABodyOfTheWrongShape(String body) {
        assertThatThrownBy(() -> HeartbeatData.of(utf8(body))).isInstanceOf(BadRequestException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void refusesNestingThatWouldExhaustTheStack(String opening) {
        assertThatThrownBy(() -> HeartbeatData.of(utf8("{\"clientID\":" + opening.repeat(1_000_000))))
                .isInstanceOf(BadRequestException.class);
    }

    @Test
    void makesNoObjectThatABodyNames() {
        String body = "{\"@type\":\"java.net.Inet4Address\",\"val\":\"x\",\"clientID\":\"c\"}";

        assertThat(HeartbeatData.of(utf8(body)).clientId()).isEqualTo("c");
    }

    @Test
    void refusesADeflatedBodyThatIsCutOff() {
        byte[] whole = new RegisterBrokerBody(
                        new DataVersion(0, 5, 7), Map.of("T", new TopicConfig("T", 4, 4, 6, 0, false)), List.of())
                .encode(true);

        assertThatThrownBy(() -> RegisterBrokerBody.of(java.util.Arrays.copyOf(whole, whole.length / 2), true))
                .isInstanceOf(BadRequestException.class);
    }

    private static BrokerData broker(String name, String address) {
        return new BrokerData("DefaultCluster", name, new TreeMap<>(Map.of(0L, address)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
