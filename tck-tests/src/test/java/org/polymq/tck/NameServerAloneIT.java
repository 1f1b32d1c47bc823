/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.AdminTool;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Checkout;
import org.polymq.tck.server.Endpoints;

/** {@code bin/polymq nameserver}: a name server of its own, with which a broker registers. */
class NameServerAloneIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern LISTENING = Pattern.compile("nameserver +(\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+)");

    @Test
    void servesRoutesAndTheToolsCommands(@TempDir Path directory) throws Exception {
        try (Program nameServer = Program.run(Checkout.polymq(List.of(
                        "nameserver", "--data", directory.resolve("names").toString(), "--set", "nameserver.port=0")));
                BrokerProcess broker = BrokerProcess.in(directory)) {
            nameServer.awaitLine(LISTENING, PATIENCE);
            String address = nameServer.lines().stream()
                    .map(LISTENING::matcher)
                    .filter(Matcher::find)
                    .findFirst()
                    .orElseThrow()
                    .group(1);
            Endpoints at = broker.with("nameserver.addresses", address)
                    .with("broker.name", "far")
                    .with("cluster.name", "away")
                    .start();
            AdminTool tool = RocketMqVersion.V5.admin(address);

            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(tool.run("clusterList")).containsPattern("away +far +0 +" + at.nativePort()));
            assertThat(tool.run("updateTopic -c away -t parcels -r 3 -w 3")).contains("success");
            // The broker tells the name server of the change after it has answered the tool.
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(tool.run("topicList").lines()).contains("parcels"));
            assertThat(tool.run("topicRoute -t parcels -l")).containsPattern("away +far +\\{0=.*\\} +3 +3 +6");
            assertThat(tool.run("wipeWritePerm -b far")).containsPattern("OK, [1-9]");
            assertThat(tool.run("topicRoute -t parcels")).contains("\"perm\":4");
            assertThat(tool.run("addWritePerm -b far")).containsPattern("OK, [1-9]");
            assertThat(tool.run("updateKvConfig -s shelf -k book -v novel")).contains("success");
            assertThat(tool.ask("getKVConfig", "shelf", "book")).isEqualTo("novel");
            assertThat(tool.run("updateOrderConf -t parcels -v far:3 -m put")).contains("success");
            assertThat(tool.run("topicRoute -t parcels")).contains("\"orderTopicConf\":\"far:3\"");
            assertThat(tool.run("getNamesrvConfig")).containsPattern("orderMessageEnable += +true");
            assertThat(tool.run("updateNamesrvConfig -k rocketmqHome -v /etc")).contains("CODE: 16");
            assertThat(tool.run("getControllerMetaData -a " + address)).contains("no controllers");

            try (NativeClient client = RocketMqVersion.V5.client(
                    new Endpoints(address, at.nativePort(), at.mqtt(), at.webSocket(), at.dashboard()), "senders")) {
                client.consume("receivers", "parcels");
                client.send("parcels", "a parcel", "", "");
                await().atMost(PATIENCE).until(() -> client.got().size() == 1);
            }
            assertThat(tool.run("deleteTopic -t parcels -c away")).contains("success");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(tool.run("topicList").lines()).doesNotContain("parcels"));
        }
    }
}
