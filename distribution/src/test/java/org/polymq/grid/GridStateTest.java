/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.polymq.broker.BrokerException;
import org.polymq.broker.cluster.ClientClaims.Claim;
import org.polymq.broker.cluster.NodePresence;
import org.polymq.broker.cluster.UserConnections.Place;

/** Three nodes and what they tell each other; each test has clients and users of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GridStateTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    private final TestGrid grid = new TestGrid(3, 2);

    @BeforeAll
    void start() {
        grid.startAll();
    }

    @AfterAll
    void stop() {
        grid.close();
    }

    @Test
    void tellsTheGatewayThatHadTheClient() {
        AtomicInteger told = new AtomicInteger();
        AtomicInteger untold = new AtomicInteger();
        Claim first = grid.node(1).claims().begin("c1", told::incrementAndGet);
        first.hold();
        await().atMost(LONG).until(() -> grid.owner("c1") != null);

        grid.node(2).claims().begin("c1", untold::incrementAndGet).hold();

        await().atMost(LONG).untilAtomic(told, is(1));
        assertThat(untold).hasValue(0);
        first.release();
        assertThat(grid.owner("c1")).isNotNull();
    }

    @Test
    void tellsNobodyWhereOnlyTheHomeGroupKnowsWhoIsLast() {
        AtomicInteger told = new AtomicInteger();
        Claim one = grid.node(1).claims().begin("c2", told::incrementAndGet);
        Claim two = grid.node(2).claims().begin("c2", told::incrementAndGet);
        grid.settle(1);
        grid.settle(2);

        one.hold();
        await().atMost(LONG).until(() -> grid.owner("c2") != null);
        two.hold();
        await().atMost(LONG).until(() -> owner("c2").contested());
        grid.settle(1);
        grid.settle(2);

        assertThat(told).hasValue(0);

        two.release(); // the home group has said so
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(owner("c2").gateway()).isEqualTo(grid.id(1)));
        one.release();
        await().atMost(LONG).until(() -> grid.owner("c2") == null);
    }

    @Test
    void tellsAConnectionOfItsOwnToo() {
        AtomicInteger told = new AtomicInteger();
        grid.node(1).claims().begin("c3", told::incrementAndGet).hold();
        Claim later = grid.node(1).claims().begin("c3", () -> {});

        later.hold();

        assertThat(told).hasValue(1);
        grid.settle(1);
        await().atMost(LONG).until(() -> grid.owner("c3") != null);
        later.release();
        await().atMost(LONG).until(() -> grid.owner("c3") == null);
    }

    @Test
    void saysAgainWhatTheGridHasLost() {
        AtomicInteger told = new AtomicInteger();
        grid.node(1).claims().begin("c4", told::incrementAndGet).hold();
        Place place = grid.enter(1, "ann4");
        await().atMost(LONG).until(() -> grid.owner("c4") != null);

        grid.wipe();

        await().atMost(LONG).until(() -> grid.owner("c4") != null);
        await().atMost(LONG).until(() -> grid.shares("ann4") != null);
        grid.node(3).claims().begin("c4", () -> {}).hold();
        await().atMost(LONG).untilAtomic(told, is(1));
        place.leave();
        await().atMost(LONG).until(() -> grid.shares("ann4") == null);
    }

    @Test
    void countsTheConnectionsOfAUserOverAllNodes() {
        Place first = grid.enter(1, "ann5");
        grid.enter(2, "ann5");
        grid.enter(3, "bob5");
        assertThatThrownBy(() -> grid.enter(3, "ann5"))
                .hasCauseInstanceOf(BrokerException.class)
                .hasMessageContaining("limits.connections-per-user");

        first.leave();
        first.leave();
        await().atMost(LONG).ignoreExceptions().untilAsserted(() -> grid.enter(3, "ann5"));
        assertThatThrownBy(() -> grid.enter(1, "ann5")).hasCauseInstanceOf(BrokerException.class);
    }

    @Test
    void neverLetsMoreInThanTheLimitHoweverManyComeAtOnce() {
        List<CompletableFuture<Place>> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            all.add(grid.node(1 + i % 3).users().enter("ann6").toCompletableFuture());
        }
        await().atMost(LONG).until(() -> all.stream().allMatch(CompletableFuture::isDone));

        assertThat(all.stream().filter(each -> !each.isCompletedExceptionally()).count())
                .isLessThanOrEqualTo(2);
        assertThat(grid.counted(1, "polymq.grid.alone")
                        + grid.counted(2, "polymq.grid.alone")
                        + grid.counted(3, "polymq.grid.alone"))
                .isZero();
    }

    @Test
    void countsFailedLoginsOverAllNodes() {
        for (int i = 0; i < 5; i++) {
            grid.node(1 + i % 2).logins().failed("ann7", "10.0.0.1");
        }

        await().atMost(LONG).until(() -> grid.node(3).logins().pause("ann7", "10.0.0.1") > 0);
        assertThat(grid.node(3).logins().pause("ann7", "10.0.0.2")).isZero();
        assertThat(grid.node(3).logins().pause("bob7", "10.0.0.1")).isZero();

        grid.node(1).logins().succeeded("ann7", "10.0.0.1");
        await().atMost(LONG).until(() -> grid.failures("ann7", "10.0.0.1") == null);
    }

    @Test
    void knowsWhoIsThere() {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(grid.node(1).presence().nodes())
                        .extracting(NodePresence::name)
                        .containsExactly("1", "2", "3"));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(grid.node(1).presence().connectionsElsewhere())
                        .isEqualTo(20 + 30));
    }

    private Owner owner(String client) {
        Owner owner = grid.owner(client);
        return owner == null ? new Owner(0, 0, false) : owner;
    }
}
