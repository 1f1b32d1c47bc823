/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.polymq.tck.client.AdminTool;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.Checkout;

/** What operators see of and do to brokers and name servers with RocketMQ's {@code mqadmin}, unmodified. */
@Execution(ExecutionMode.CONCURRENT)
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full", disabledReason = "takes minutes")
class MqAdminClusterIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** Who else writes cannot while one of these tests has taken the broker out of writing. */
    private static final String WRITING = "the broker's write permission";

    private static final Pattern COMMAND = Pattern.compile("(?m)^   (\\w+) {2,}\\S");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(\\w+)` \\| (works|not applicable)");

    @RegisterExtension
    static final SharedServer SERVER =
            new SharedServer().with("broker.name", "mill").with("cluster.name", "valley");

    private final AdminTool tool = RocketMqVersion.V5.admin(SERVER.at().nameServer());
    private final String broker = SERVER.at().nativePort();

    @Test
    @ResourceLock(value = WRITING, mode = ResourceAccessMode.READ)
    void showsTheClusterWithItsTraffic() throws Exception {
        assertThat(tool.run("updateTopic -c valley -t flour -r 2 -w 2")).contains("success");
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "millers")) {
            client.consume("bakers", "flour");
            long stored = figure("msgPutTotalTodayNow");
            for (int n = 0; n < 30; n++) {
                client.send("flour", "sack " + n, "", "");
            }
            await().atMost(PATIENCE).until(() -> client.got().size() == 30);
            assertThat(figure("msgPutTotalTodayNow")).isGreaterThanOrEqualTo(stored + 30);
            assertThat(figure("msgGetTotalTodayNow")).isGreaterThanOrEqualTo(30);
            assertThat(figure("putMessageSizeTotal")).isGreaterThan(30 * 100);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(tool.run("clusterList"))
                            .containsPattern("valley +mill +0 +" + broker + " +V5\\S+ +(?!0\\.00)[0-9.]+\\("));
            assertThat(tool.run("clusterList -m")).containsPattern("valley +mill +0 +0 +[1-9]\\d+ +[1-9]\\d+");
        }
        assertThat(tool.runUntil("clusterRT -c valley -a 2 -i 1", "mill", PATIENCE))
                .containsPattern("valley +mill +[0-9.]+ +2 +0");
        assertThat(tool.runUntil("startMonitoring", "Exception", Duration.ofSeconds(3)))
                .doesNotContain("Exception");
    }

    private long figure(String name) throws Exception {
        Matcher row = Pattern.compile(name + " +: (\\d+)").matcher(tool.run("brokerStatus -b " + broker));
        assertThat(row.find()).as(name).isTrue();
        return Long.parseLong(row.group(1));
    }

    @Test
    @ResourceLock(value = WRITING, mode = ResourceAccessMode.READ)
    void changesOnlySettingsThatAreSafeToChange() throws Exception {
        assertThat(tool.run("getBrokerConfig -b " + broker))
                .containsPattern("brokerName += +mill")
                .containsPattern("brokerClusterName += +valley")
                .containsPattern("defaultTopicQueueNums += +8");
        assertThat(tool.run("updateBrokerConfig -b " + broker + " -k defaultTopicQueueNums -v 6"))
                .contains("success");
        assertThat(tool.run("getBrokerConfig -c valley")).containsPattern("defaultTopicQueueNums += +6");
        assertThat(tool.run("updateBrokerConfig -b " + broker + " -k defaultTopicQueueNums -v many"))
                .contains("CODE: 29", "1 to 1024");
        for (String unsafe : List.of("storePathRootDir", "rocketmqHome", "filterServerNums", "brokerConfigPath")) {
            assertThat(tool.run("updateBrokerConfig -b " + broker + " -k " + unsafe + " -v /etc"))
                    .contains("CODE: 16", unsafe + " cannot be changed at run time", "autoCreateTopicEnable");
        }

        assertThat(tool.run("getNamesrvConfig")).containsPattern("orderMessageEnable += +true");
        assertThat(tool.run("updateNamesrvConfig -k enableTopicList -v true")).contains("success");
        assertThat(tool.run("updateNamesrvConfig -k kvConfigPath -v /etc/passwd"))
                .contains("CODE: 16", "kvConfigPath");

        assertThat(tool.run("updateKvConfig -s shelf -k book -v novel")).contains("success");
        assertThat(tool.ask("getKVConfig", "shelf", "book")).isEqualTo("novel");
        assertThat(tool.run("deleteKvConfig -s shelf -k book")).contains("success");
        assertThat(tool.ask("getKVConfig", "shelf", "book")).contains("CODE: 22");
    }

    @Test
    @ResourceLock(value = WRITING, mode = ResourceAccessMode.READ_WRITE)
    void takesABrokerOutOfWritingAndBack() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(tool.run("updateTopic -c valley -t grain -r 1 -w 1"))
                        .contains("success"));
        // What a broker registers anew comes with its own permission.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(tool.run("topicRoute -t grain")).contains("\"perm\":6"));

        assertThat(tool.run("wipeWritePerm -b mill")).containsPattern("OK, [1-9]");
        assertThat(tool.run("topicRoute -t grain")).contains("\"perm\":4");
        assertThat(tool.run("addWritePerm -b mill")).containsPattern("OK, [1-9]");
        assertThat(tool.run("topicRoute -t grain")).contains("\"perm\":6");
        assertThat(tool.run("wipeWritePerm -b nobody")).contains("OK, 0");
    }

    @Test
    @ResourceLock(value = WRITING, mode = ResourceAccessMode.READ)
    void cleansAndExports(@TempDir Path directory) throws Exception {
        assertThat(tool.run("cleanExpiredCQ -b " + broker)).contains("success");
        assertThat(tool.run("deleteExpiredCommitLog -c valley")).contains("success");

        tool.run("updateTopic -c valley -t exported -r 3 -w 3");
        tool.run("updateSubGroup -c valley -g exporters");
        assertThat(tool.run("exportMetadata -c valley -f " + directory)).contains("success");
        assertThat(Files.readString(directory.resolve("metadata.json"))).contains("\"exported\"", "\"exporters\"");
        assertThat(tool.run("exportConfigs -c valley -f " + directory)).contains("success");
        assertThat(Files.readString(directory.resolve("configs.json"))).contains("\"brokerName\":\"mill\"");
        assertThat(tool.run("exportMetrics -c valley -f " + directory)).contains("success");
        assertThat(Files.readString(directory.resolve("metrics.json"))).contains("\"mill\"");
    }

    @Test
    @ResourceLock(value = WRITING, mode = ResourceAccessMode.READ)
    void saysOfWhatIsNotHereThatItIsNot() throws Exception {
        tool.run("updateTopic -c valley -t any -r 1 -w 1");
        String at = " -b " + broker;
        String controller = " -a " + broker;
        Map<String, String> refused = new TreeMap<>();
        refused.put("updateStaticTopic -b mill -t fixed -qn 2", "no static topics");
        refused.put("addBroker -c " + broker + " -b /etc/broker.conf", "no broker containers");
        refused.put("removeBroker -c " + broker + " -b valley:mill:0", "no broker containers");
        refused.put("haStatus" + at, "no controllers, masters and slaves");
        refused.put("resetMasterFlushOffset" + at + " -o 1", "no controllers, masters and slaves");
        refused.put("getBrokerEpoch -b mill", "no controllers, masters and slaves");
        refused.put("getControllerMetaData" + controller, "no controllers, masters and slaves");
        refused.put("getControllerConfig" + controller, "no controllers, masters and slaves");
        refused.put("updateControllerConfig" + controller + " -k a -v b", "no controllers, masters and slaves");
        refused.put("getColdDataFlowCtrInfo" + at, "no flow control of cold data");
        refused.put("updateColdDataFlowCtrGroupConfig" + at + " -g g -v 1", "no flow control of cold data");
        refused.put("removeColdDataFlowCtrGroupConfig" + at + " -g g", "no flow control of cold data");
        refused.put("setCommitLogReadAheadMode" + at + " -m 1", "no flow control of cold data");
        refused.put("checkRocksdbCqWriteProgress -c valley -t any", "RocksDB tools");
        refused.put("switchTimerEngine" + at + " -e F", "RocksDB tools");
        refused.put("exportPopRecord" + at, "RocksDB tools");
        refused.put("getBrokerLiteInfo" + at, "no lite topics");
        refused.put("getSyncStateSet" + controller + " -b mill", "no controllers, masters and slaves");
        refused.put("electMaster" + controller + " -b 0 -bn mill -c valley", "no controllers, masters and slaves");
        refused.put(
                "cleanBrokerMetadata" + controller + " -bn mill -b 1 -c valley", "no controllers, masters and slaves");
        // Of these the tool prints only that there was an error.
        refused.put("triggerLiteDispatch -b mill -p any -g g", "error");
        refused.put("getParentTopicInfo -p any", "[mill] error");
        refused.put("getLiteTopicInfo -p any -l x", "[mill] error");
        refused.put("getLiteClientInfo -p any -g g -c c", "[mill] error");
        refused.put("getLiteGroupInfo -p any -g g", "[mill] error");

        refused.forEach((command, words) -> assertThat(run(command)).as(command).contains(words));
    }

    private String run(String command) {
        try {
            return tool.run(command);
        } catch (Exception e) {
            throw new AssertionError(command, e);
        }
    }

    @Test
    void theDocumentedTableNamesEachCommandOfTheTool() throws Exception {
        TreeSet<String> commands = new TreeSet<>();
        Matcher listed = COMMAND.matcher(tool.overview());
        while (listed.find()) {
            commands.add(listed.group(1));
        }
        TreeSet<String> documented = new TreeSet<>();
        Matcher row = DOCUMENTED.matcher(Files.readString(Checkout.root().resolve("docs/native.md")));
        while (row.find()) {
            documented.add(row.group(1));
        }

        assertThat(commands).hasSizeGreaterThan(90);
        assertThat(documented).isEqualTo(commands);
    }
}
