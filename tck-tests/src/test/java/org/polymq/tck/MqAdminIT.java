/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.polymq.tck.client.AdminTool;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.client.NativeClient.Got;
import org.polymq.tck.client.NativeClient.Sent;
import org.polymq.tck.client.RocketMqVersion;

/** What operators do to topics, groups and offsets with RocketMQ's {@code mqadmin}, unmodified. */
@Execution(ExecutionMode.CONCURRENT)
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full", disabledReason = "takes minutes")
class MqAdminIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    static final SharedServer SERVER =
            new SharedServer().with("broker.name", "shop").with("cluster.name", "town");

    private final AdminTool tool = RocketMqVersion.V5.admin(SERVER.at().nameServer());
    private final String broker = SERVER.at().nativePort();

    @Test
    void makesShowsChangesAndDeletesTopics(@TempDir Path directory) throws Exception {
        assertThat(tool.run("updateTopic -c town -t coffee -r 4 -w 4 -a +message.type=FIFO"))
                .contains("create topic to " + broker + " success", "readQueueNums=4", "message.type=FIFO");
        assertThat(tool.run("updateTopic -b " + broker + " -t tea -r 3 -w 2 -p 4"))
                .contains("create topic to " + broker + " success", "perm=R--");
        Path list = Files.writeString(
                directory.resolve("topics.json"),
                "[{\"topicName\":\"cocoa\",\"perm\":6,\"readQueueNums\":2,\"writeQueueNums\":2},"
                        + "{\"topicName\":\"milk\",\"perm\":6,\"readQueueNums\":5,\"writeQueueNums\":5}]");
        assertThat(tool.run("updateTopicList -b " + broker + " -f " + list)).contains("success");

        assertThat(tool.run("topicList").lines()).contains("coffee", "tea", "cocoa", "milk");
        assertThat(tool.run("topicList -c")).containsPattern("town +coffee");
        assertThat(tool.run("topicClusterList -t coffee").strip()).isEqualTo("town");
        assertThat(tool.run("topicRoute -t tea -l")).containsPattern("town +shop +\\{0=" + broker + "\\} +3 +2 +4");
        assertThat(tool.run("topicRoute -t coffee"))
                .contains("0:\"" + broker + "\"", "\"brokerName\":\"shop\"", "\"perm\":6", "\"readQueueNums\":4");
        assertThat(tool.run("allocateMQ -t coffee -i 10.0.0.1,10.0.0.2"))
                .containsPattern("\"10.0.0.1\":\\[\\{\"brokerName\":\"shop\",\"queueId\":[01]");

        assertThat(tool.run("updateOrderConf -t coffee -v shop:4 -m put")).contains("success");
        assertThat(tool.run("updateOrderConf -t coffee -m get")).contains("orderConf=[shop:4]");
        assertThat(tool.run("topicRoute -t coffee")).contains("\"orderTopicConf\":\"shop:4\"");
        assertThat(tool.run("updateOrderConf -t coffee -m delete")).contains("success");

        assertThat(tool.run("deleteTopic -t milk -c town")).contains("delete topic [milk] from NameServer success");
        assertThat(tool.run("topicList").lines()).doesNotContain("milk");
        assertThat(tool.run("topicStatus -t milk")).contains("CODE: 17");
        assertThat(tool.run("cleanUnusedTopic -b " + broker)).contains("success");
    }

    @Test
    void refusesWhatATopicsPermissionsLack() throws Exception {
        tool.run("updateTopic -c town -t locked -r 1 -w 1");
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "locked-producers")) {
            client.send("locked", "one", "", "");

            assertThat(tool.run("updateTopicPerm -t locked -p 4 -b " + broker)).contains("from 6 to 4", "perm=R--");
            assertThat(catchMessage(() -> client.send("locked", 0, "two")))
                    .containsAnyOf("CODE: 16", "no queue 0", "not writable", "No route info", "is forbidden");

            assertThat(tool.run("updateTopicPerm -t locked -p 6 -c town")).contains("from 4 to 6");
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> client.send("locked", 0, "three").offset() == 1);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static String catchMessage(Step step) {
        try {
            step.run();
            return "it went well";
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void makesShowsChangesAndDeletesGroups(@TempDir Path directory) throws Exception {
        assertThat(tool.run("updateSubGroup -c town -g readers -s true -d false -r 5 -q 2"))
                .contains("success", "groupName=readers", "retryMaxTimes=5", "retryQueueNums=2");
        Path list = Files.writeString(
                directory.resolve("groups.json"),
                "[{\"groupName\":\"list-one\",\"retryMaxTimes\":3},{\"groupName\":\"list-two\",\"retryMaxTimes\":4}]");
        assertThat(tool.run("updateSubGroupList -b " + broker + " -f " + list)).contains("success");

        assertThat(tool.run("getConsumerConfig -g readers"))
                .containsPattern("consumeBroadcastEnable += +false")
                .containsPattern("retryMaxTimes += +5");
        assertThat(tool.run("getConsumerConfig -g list-two")).containsPattern("retryMaxTimes += +4");

        tool.run("updateTopic -c town -t popped -r 2 -w 2");
        assertThat(tool.run("setConsumeMode -c town -t popped -g readers -m POP -q 4"))
                .contains("topic[popped] group[readers] consume mode[POP] popShareQueueNum[4]")
                .doesNotContain("CODE");
        assertThat(tool.run("setConsumeMode -b " + broker + " -t popped -g readers -m PULL"))
                .contains("consume mode[PULL]");
        assertThat(tool.run("setConsumeMode -b " + broker + " -t popped -g nobody -m POP"))
                .contains("CODE: 26");

        assertThat(tool.run("deleteSubGroup -b " + broker + " -g list-one")).contains("[list-one]", "success");
        assertThat(tool.run("deleteSubGroup -c town -g readers -r true")).contains("[readers]", "success");
        assertThat(tool.run("getConsumerConfig -g list-one")).doesNotContain("list-one");
    }

    @Test
    void sendsReadsAndFindsMessages(@TempDir Path directory) throws Exception {
        tool.run("updateTopic -c town -t letters -r 2 -w 2");
        assertThat(tool.run("sendMessage -t letters -p hello -k key-1 -c news")).containsPattern("shop +[01] +SEND_OK");
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "letter-writers")) {
            Sent sent = client.send("letters", 1, "dear reader");
            String at = " -t letters -b shop -i 1 -o " + sent.offset();

            assertThat(tool.run("queryMsgById -t letters -i " + sent.offsetId()))
                    .contains("OffsetID:            " + sent.offsetId(), "Topic:               letters")
                    .containsPattern("Queue Offset: +" + sent.offset());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(tool.run("queryMsgByKey -t letters -k key-1"))
                            .containsPattern("\\w{32,} +[01] +\\d+"));
            assertThat(tool.run("queryMsgByUniqueKey -t letters -i " + sent.id()))
                    .contains("Topic:               letters")
                    .containsPattern("Queue ID: +1");
            assertThat(tool.run("queryMsgByKey -t letters -k no-such-key")).contains("CODE: 208");
            assertThat(tool.run("queryMsgTraceById -i " + sent.id())).contains("CODE: 208");
            assertThat(tool.run("queryMsgByOffset" + at)).contains(sent.offsetId());
            assertThat(tool.run("queryMsgByOffset -t letters -b shop -i 1 -o 77"))
                    .doesNotContain("OffsetID");
            assertThat(tool.run("queryCq -t letters -q 1 -i 0 -c 5 -b " + broker))
                    .contains("max: " + (sent.offset() + 1) + ", min: 0", "physicOffset=");

            assertThat(tool.run("printMsg -t letters -d true")).contains("BODY: hello", "BODY: dear reader");
            assertThat(tool.run("printMsg -t letters -d true -s news"))
                    .contains("hello")
                    .doesNotContain("dear");
            assertThat(tool.run("printMsgByQueue -t letters -a shop -i 1 -p true -d true"))
                    .contains("dear reader");
            assertThat(tool.run("consumeMessage -t letters")).contains("BODY: hello", "BODY: dear reader");
            assertThat(tool.run("consumeMessage -t letters -b shop -i 1 -o " + sent.offset() + " -c 1"))
                    .contains("dear reader");

            long before = total("topicStatus -t letters");
            assertThat(tool.run("checkMsgSendRT -t letters -a 6 -s 64"))
                    .contains("Avg RT")
                    .doesNotContain("false");
            assertThat(total("topicStatus -t letters")).isEqualTo(before + 6);
            assertThat(tool.run("sendMsgStatus -b shop -s 64 -c 3").split("SEND_OK", -1))
                    .hasSize(4);
        }
        Path log = directory.resolve("compaction");
        Files.createFile(log);
        assertThat(tool.run("dumpCompactionLog -f " + log)).doesNotContain("Exception");
    }

    /** The sum of a topic's greatest offsets, as {@code topicStatus} prints them. */
    private long total(String command) throws Exception {
        Matcher rows = Pattern.compile("(?m)^shop +\\d+ +\\d+ +(\\d+)").matcher(tool.run(command));
        long sum = 0;
        while (rows.find()) {
            sum += Long.parseLong(rows.group(1));
        }
        return sum;
    }

    @Test
    void showsWhoConsumesHowFarAndHowFast() throws Exception {
        tool.run("updateTopic -c town -t bread -r 4 -w 4");
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "bakers")) {
            client.consume("eaters", "bread");
            for (int n = 0; n < 40; n++) {
                client.send("bread", "loaf " + n, "loaf-" + n, "rye");
            }
            await().atMost(PATIENCE).until(() -> client.got().size() >= 40);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(tool.run("consumerProgress -g eaters"))
                            .containsPattern("Consume Diff Total: 0\\b"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(tool.run("consumerProgress -g eaters -t bread -s true"))
                            .containsPattern("bread +shop +0 +([1-9]\\d*) +\\1 +[0-9.]+ +0 +0 +20"));
            assertThat(tool.run("consumerProgress")).containsPattern("eaters +1 +V5_5_0 +PUSH +CLUSTERING");
            assertThat(tool.run("topicList -c")).containsPattern("bread +eaters");
            assertThat(tool.run("consumerConnection -g eaters"))
                    .contains(client.consumerId(), "JAVA", "V5_5_0", "MessageModel: CLUSTERING")
                    .containsPattern("bread +\\*");
            String status = tool.run("consumerStatus -g eaters");
            assertThat(status).contains(client.consumerId(), "Rebalance OK");
            removeReport(status, client.consumerId());
            assertThat(tool.run("producerConnection -g bakers -t bread")).containsPattern("127.0.0.1:\\d+ +JAVA");
            assertThat(tool.run("producer -b " + broker)).contains("producer group (bakers) instance");
            assertThat(tool.run("brokerConsumeStats -b " + broker))
                    .containsPattern("bread +eaters +shop +3 +([1-9]\\d*) +\\1 +0");
            assertThat(tool.ask("getConsumeStatus", "bread", "eaters", ""))
                    .contains(client.consumerId(), "queueId=3]=");

            // A rate is that of the last minute: there has to be traffic while the tool asks.
            await().atMost(PATIENCE).untilAsserted(() -> {
                client.send("bread", "crumb", "crumb", "rye");
                assertThat(tool.run("statsAll -t bread"))
                        .containsPattern(
                                "bread +eaters +\\d+ +(?!0\\.00)[0-9.]+ +(?!0\\.00)[0-9.]+ +[4-9]\\d+ +[4-9]\\d+\\b");
            });

            String direct = tool.run("queryMsgById -t bread -i "
                    + client.send("bread", 2, "again").offsetId() + " -g eaters -d " + client.consumerId());
            assertThat(direct).contains("CR_SUCCESS");
        }
        assertThat(tool.run("consumerConnection -g eaters")).contains("CODE: 206");
        assertThat(tool.run("consumerConnection -g nobody")).contains("CODE: 17");
        assertThat(tool.run("producerConnection -g nobody -t bread")).contains("CODE: 1 ", "[nobody] not exist");
        assertThat(tool.ask("getConsumeStatus", "bread", "eaters", "")).contains("CODE: 206");
    }

    /** The command writes what each consumer said into a directory of the working directory. */
    private static void removeReport(String status, String consumerId) throws IOException {
        Matcher file = Pattern.compile("(\\d{13})/" + Pattern.quote(consumerId)).matcher(status);
        assertThat(file.find()).isTrue();
        Path report = Path.of(file.group());
        assertThat(report).content().contains("bread");
        Files.delete(report);
        Files.delete(Path.of(file.group(1)));
    }

    @Test
    void movesGroupsToOtherOffsets() throws Exception {
        tool.run("updateTopic -c town -t moved -r 2 -w 2");
        tool.run("updateSubGroup -c town -g copies");
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "movers")) {
            client.consume("moved-ones", "moved");
            for (int n = 0; n < 10; n++) {
                client.send("moved", n % 2, "m" + n);
            }
            await().atMost(PATIENCE).until(() -> client.got().size() == 10);

            assertThat(tool.run("resetOffsetByTime -g moved-ones -t moved -s 0"))
                    .containsPattern("shop +0 +0\\b")
                    .containsPattern("shop +1 +0\\b");
            await("everything again, with the consumer online")
                    .atMost(PATIENCE)
                    .until(() -> client.got().size() == 20);
            assertThat(client.got().subList(10, 20).stream().map(Got::text))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 10).mapToObj(n -> "m" + n).toList());

            assertThat(tool.run("resetOffsetByTime -g moved-ones -t moved -b " + broker + " -q 1 -o 3 -s 0"))
                    .contains("reset consumer offset to 3");
            await().atMost(PATIENCE).until(() -> client.got().size() == 22);
            assertThat(client.got().subList(20, 22)).extracting(Got::offset).containsExactly(3L, 4L);
            assertThat(tool.run("resetOffsetByTime -g moved-ones -t moved -b " + broker + " -q 1 -o 99 -s 0"))
                    .contains("Target offset 99 not in consume queue range [0-5]");

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(tool.run("consumerProgress -g moved-ones -t moved"))
                            .contains("Consume Diff Total: 0"));
            assertThat(tool.run("cloneGroupOffset -s moved-ones -d copies -t moved -o false"))
                    .contains("success");
            assertThat(tool.run("consumerProgress -g copies -t moved")).containsPattern("moved +shop +1 +5 +5 +0");
        }
        assertThat(tool.run("resetOffsetByTime -g copies -t moved -s 0")).containsPattern("shop +1 +0\\b");
        assertThat(tool.run("consumerProgress -g copies -t moved")).contains("Consume Diff Total: 10");
        assertThat(tool.run("skipAccumulatedMessage -g copies -t moved")).containsPattern("shop +1 +5\\b");
        assertThat(tool.run("consumerProgress -g copies -t moved")).contains("Consume Diff Total: 0");
        assertThat(tool.run("resetOffsetByTime -g unheard-of -t moved -s 0")).contains("CODE: 26");
    }

    @Test
    void managesUsersAndTheirPermissions() throws Exception {
        String at = " -b " + broker;
        create("chief", "Super");
        create("clerk", "Normal");
        assertThat(tool.run("updateUser" + at + " -u clerk -s disable")).contains("success");
        assertThat(tool.run("listUser" + at)).containsPattern("clerk .*disable").containsPattern("chief .*Super");
        assertThat(tool.run("copyUser -f " + broker + " -t " + broker + " -u clerk"))
                .contains("success");

        assertThat(tool.run("createAcl" + at + " -s User:clerk -r Topic:orders,Group:* -a Pub,Sub -d Allow"))
                .contains("success");
        assertThat(tool.run("updateAcl" + at + " -s User:clerk -r Topic:orders -a Pub -d Deny"))
                .contains("success");
        assertThat(tool.run("getAcl" + at + " -s User:clerk"))
                .containsPattern("User:clerk +Custom +Topic:orders +\\[Pub\\] .*Deny")
                .containsPattern("Group:\\* +\\[Pub, Sub\\] .*Allow");
        assertThat(tool.run("copyAcl -f " + broker + " -t " + broker + " -s User:clerk"))
                .contains("success");
        assertThat(tool.run("listAcl -c town")).contains("Topic:orders", "Group:*");
        assertThat(tool.run("deleteAcl" + at + " -s User:clerk -r Topic:orders"))
                .contains("success");
        assertThat(tool.run("listAcl" + at + " -s User:clerk")).doesNotContain("Topic:orders");

        assertThat(tool.run("deleteUser" + at + " -u clerk")).contains("success");
        assertThat(tool.run("getUser" + at + " -u clerk")).contains("<clerk> does not exist");
        assertThat(tool.run("deleteUser" + at + " -u chief")).contains("is the last one with the role admin");
    }

    /** Hashing a password takes longer on a loaded machine than the tool waits for an answer. */
    private void create(String user, String type) throws Exception {
        tool.run("createUser -c town -u " + user + " -p secret-1234 -t " + type);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(tool.run("getUser -b " + broker + " -u " + user))
                        .containsPattern(user + " .*" + type + " +enable"));
    }

    @Test
    void servesTheToolOfTheOlderLineToo() throws Exception {
        AdminTool older = RocketMqVersion.V4.admin(SERVER.at().nameServer());
        assertThat(older.run("updateTopic -c town -t old -r 2 -w 2")).contains("success");
        assertThat(older.run("topicList").lines()).contains("old");
        assertThat(older.run("clusterList")).containsPattern("town +shop +0 +" + broker);
        try (NativeClient client = RocketMqVersion.V4.client(SERVER.at(), "old-producers")) {
            client.consume("old-readers", "old");
            Sent sent = client.send("old", 1, "an old message");
            assertThat(older.run("queryMsgById -i " + sent.offsetId())).containsPattern("Topic: +old");
            await().atMost(PATIENCE).until(() -> client.got().size() == 1);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(older.run("consumerProgress -g old-readers"))
                            .containsPattern("old +shop +1 +1 +1 +0"));
            assertThat(older.run("resetOffsetByTime -g old-readers -t old -s 0"))
                    .containsPattern("shop +1 +0\\b");
            // Clients of this line leave a queue alone for ten seconds before they go on elsewhere in it.
            await().atMost(PATIENCE).until(() -> client.got().size() == 2);
        }
    }
}
