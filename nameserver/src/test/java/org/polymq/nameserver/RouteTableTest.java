/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.polymq.remoting.wire.body.BrokerData;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.QueueData;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.body.TopicRouteData;

class RouteTableTest {
    private final RouteTable table = new RouteTable(Duration.ofMinutes(2));

    @Test
    void joinsTheQueuesOfAllBrokersOfATopic() {
        register("b1", 0, "h:1", "T", "only-b1");
        register("b2", 0, "h:2", "T");

        TopicRouteData route = table.route("T", "").orElseThrow();

        assertThat(route.brokers()).extracting(BrokerData::brokerName).containsExactly("b1", "b2");
        assertThat(route.queues()).extracting(QueueData::brokerName).containsExactly("b1", "b2");
        assertThat(table.route("only-b1", "").orElseThrow().brokers()).hasSize(1);
        assertThat(table.route("none", "")).isEmpty();
        assertThat(table.topics()).containsExactly("T", "only-b1");
    }

    @Test
    void forgetsATopicThatTheBrokerNoLongerNames() {
        register("b1", 0, "h:1", "T", "gone");
        register("b1", 0, "h:1", "T");

        assertThat(table.topics()).containsExactly("T");
    }

    @Test
    void forgetsASilentBrokerAfterItsOwnTime() {
        table.register(broker("b1", 0, "h:1", 1000), body("T"), "c1", 0);
        register("b2", 0, "h:2", "T");

        assertThat(table.expire(1000)).isEmpty();
        assertThat(table.expire(1001)).containsExactly("h:1");
        assertThat(table.route("T", "").orElseThrow().brokers()).hasSize(1);

        table.seen("h:2", 60_000);
        assertThat(table.expire(130_000)).isEmpty();
        assertThat(table.expire(180_001)).containsExactly("h:2");
        assertThat(table.topics()).isEmpty();
    }

    @Test
    void keepsABrokerThatRegisteredAgainOverANewConnectionWhenTheOldOneCloses() {
        table.register(broker("b1", 0, "h:1", -1), body("T"), "old", 0);
        table.register(broker("b1", 0, "h:1", -1), body("T"), "new", 5);

        assertThat(table.connectionLost("old")).isEmpty();
        assertThat(table.topics()).containsExactly("T");

        assertThat(table.connectionLost("new")).containsExactly("h:1");
        assertThat(table.topics()).isEmpty();
    }

    @Test
    void tellsAReplicaItsMasterAndTakesTopicsFromTheLowestIdOnly() {
        register("b1", 0, "h:1", "T");

        assertThat(table.register(broker("b1", 1, "h:9", -1), body("other"), "c", 0))
                .contains(new RouteTable.Master("h:1", "ha:h:1"));
        assertThat(table.topics()).containsExactly("T");
        assertThat(table.route("T", "").orElseThrow().brokers().get(0).addresses())
                .hasSize(2);

        table.unregister("h:1");
        assertThat(table.topics()).as("the replica still serves it").containsExactly("T");
    }

    @Test
    void givesTheTemplateOfBrokersThatTakeMessagesOnly() {
        register("b1", 2, "h:1", "T", "TBW102");

        assertThat(table.route("T", "")).isPresent();
        assertThat(table.route("TBW102", "")).isEmpty();

        register("b2", 0, "h:2", "T", "TBW102");
        assertThat(table.route("TBW102", "").orElseThrow().brokers())
                .extracting(BrokerData::brokerName)
                .containsExactly("b2");
    }

    @Test
    void stopsAndAllowsWritingToABroker() {
        register("b1", 0, "h:1", "T", "U");

        assertThat(table.setWritable("b1", false)).isEqualTo(2);
        assertThat(table.route("T", "").orElseThrow().queues().get(0).perm()).isEqualTo(4);
        assertThat(table.setWritable("b1", true)).isEqualTo(2);
        assertThat(table.route("T", "").orElseThrow().queues().get(0).perm()).isEqualTo(6);
    }

    @Test
    void addsSingleTopicsOfKnownBrokersOnly() {
        register("b1", 0, "h:1", "T");

        table.putTopic("new", List.of(new QueueData("b1", 4, 4, 6, 0), new QueueData("stranger", 4, 4, 6, 0)));

        assertThat(table.route("new", "").orElseThrow().queues()).hasSize(1);
        table.removeTopic("new", "other-cluster");
        assertThat(table.route("new", "")).isPresent();
        table.removeTopic("new", "cluster");
        assertThat(table.route("new", "")).isEmpty();
    }

    @Test
    void whoLedInAnEarlierTermDoesNotTakeIdZeroBack() {
        lead("h:1", 3);
        lead("h:2", 4);
        lead("h:1", 3);

        assertThat(table.route("T", "").orElseThrow().brokers().get(0).addresses())
                .containsExactly(Map.entry(0L, "h:2"));

        lead("h:1", 5);
        assertThat(table.route("T", "").orElseThrow().brokers().get(0).addresses())
                .containsExactly(Map.entry(0L, "h:1"));
    }

    private void lead(String address, long term) {
        table.register(
                broker("b1", 0, address, -1),
                new RegisterBrokerBody(new DataVersion(term, 1, 1), body("T").topics(), List.of()),
                "connection of " + address,
                0);
    }

    private void register(String name, long id, String address, String... topics) {
        table.register(broker(name, id, address, -1), body(topics), "connection of " + address, 0);
    }

    private static RouteTable.Broker broker(String name, long id, String address, long timeoutMillis) {
        return new RouteTable.Broker("cluster", name, id, address, "ha:" + address, timeoutMillis);
    }

    private static RegisterBrokerBody body(String... topics) {
        return new RegisterBrokerBody(
                new DataVersion(0, 1, 1),
                Arrays.stream(topics)
                        .collect(Collectors.toMap(name -> name, name -> new TopicConfig(name, 4, 4, 6, 0, false))),
                List.of());
    }
}
