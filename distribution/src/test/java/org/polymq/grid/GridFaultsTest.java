/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.polymq.broker.BrokerException;
import org.polymq.broker.cluster.NodePresence;
import org.polymq.broker.cluster.UserConnections.Place;

/** What is left when nodes end, part, or never find each other. */
class GridFaultsTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    private final TestGrid grid = new TestGrid(3, 1);

    @AfterEach
    void stop() {
        grid.close();
    }

    @Test
    void aNodeThatIsKilledIsForgottenWithAllThatWasItsOwn() {
        grid.startAll();
        grid.node(3).claims().begin("c", () -> {}).hold();
        grid.enter(3, "ann");
        await().atMost(LONG).until(() -> grid.owner("c") != null);
        assertThatThrownBy(() -> grid.enter(1, "ann")).hasCauseInstanceOf(BrokerException.class);
        await().atMost(LONG).until(() -> grid.node(1).presence().nodes().size() == 3);

        grid.kill(3);

        await().atMost(LONG).until(() -> grid.owner("c") == null);
        await().atMost(LONG).ignoreExceptions().untilAsserted(() -> grid.enter(1, "ann"));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(grid.node(2).presence().nodes())
                        .extracting(NodePresence::name)
                        .containsExactly("1", "2"));
    }

    @Test
    void apartEachSideGoesOnAndTogetherTheLaterClaimStays() {
        grid.startAll();
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        grid.node(1).claims().begin("c", first::incrementAndGet).hold();
        Place place = grid.enter(1, "ann");
        await().atMost(LONG).until(() -> grid.owner("c") != null);

        grid.split(3);
        await().atMost(LONG).until(() -> grid.node(3).member().live().size() == 1);
        // Clients that come to the other side: the claim is later, the limit holds for each side.
        grid.node(3).claims().begin("c", second::incrementAndGet).hold();
        await().atMost(LONG).ignoreExceptions().untilAsserted(() -> grid.enter(3, "ann"));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(grid.node(2).presence().nodes()).hasSize(2));

        grid.awaitTogether();
        await().atMost(LONG).untilAtomic(first, is(1));
        assertThat(second).hasValue(0);
        await().atMost(LONG).until(() -> {
            Owner owner = grid.owner("c");
            return owner != null && owner.gateway() == grid.id(3);
        });
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(grid.node(2).presence().nodes()).hasSize(3));
        // Both connections are counted again.
        await().atMost(LONG).until(() -> {
            Shares shares = grid.shares("ann");
            return shares != null && shares.of().size() == 2;
        });
        place.leave();
        await().atMost(LONG).until(() -> {
            Shares shares = grid.shares("ann");
            return shares != null && shares.of().size() == 1;
        });
    }

    @Test
    void aNodeWithoutAGridCountsForItselfAndSaysSo() throws IOException {
        AtomicInteger told = new AtomicInteger();
        try (ServerSocket taken = new ServerSocket(grid.port(1), 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            grid.start(1);

            grid.node(1).claims().begin("c", told::incrementAndGet).hold();
            Place place = grid.enter(1, "ann");
            assertThatThrownBy(() -> grid.enter(1, "ann")).hasCauseInstanceOf(BrokerException.class);
            place.leave();
            grid.enter(1, "ann");
            for (int i = 0; i < 5; i++) {
                grid.node(1).logins().failed("ann", "10.0.0.1");
            }
            assertThat(grid.node(1).logins().pause("ann", "10.0.0.1")).isPositive();
            assertThat(grid.node(1).presence().nodes())
                    .extracting(NodePresence::name)
                    .containsExactly("1");
            assertThat(grid.node(1).presence().connectionsElsewhere()).isZero();
            assertThat(grid.counted(1, "polymq.grid.alone")).isEqualTo(2 + 10);
        }

        // As soon as the port is free it shares what it has.
        await().atMost(LONG).until(() -> grid.node(1).member().live().size() == 1);
        await().atMost(LONG).until(() -> grid.owner("c") != null);
        await().atMost(LONG).until(() -> grid.shares("ann") != null);
        assertThat(told).hasValue(0);
    }
}
