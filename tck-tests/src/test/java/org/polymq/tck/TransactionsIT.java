/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.client.TransactionClient;
import org.polymq.tck.client.TransactionClient.Decision;
import org.polymq.tck.server.BrokerProcess;

/** RocketMQ's transactional messages in every state, over kills and a clean restart. */
@SuppressWarnings("try") // subscribers work while they are open
class TransactionsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Queue<Incoming> seen = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();

    /** What the application does with a message: at once, and when it is asked. */
    private enum Fate {
        COMMITTED(Decision.COMMIT),
        ROLLED_BACK(Decision.ROLLBACK),
        COMMITTED_LATER(Decision.UNKNOWN),
        ROLLED_BACK_LATER(Decision.UNKNOWN),
        NEVER_DECIDED(Decision.UNKNOWN);

        private final Decision atOnce;

        Fate(Decision atOnce) {
            this.atOnce = atOnce;
        }

        static Fate of(String text) {
            return valueOf(text.substring(0, text.indexOf(' ')));
        }

        Decision whenAsked() {
            return switch (this) {
                case COMMITTED, COMMITTED_LATER -> Decision.COMMIT;
                case ROLLED_BACK, ROLLED_BACK_LATER -> Decision.ROLLBACK;
                case NEVER_DECIDED -> Decision.UNKNOWN;
            };
        }

        boolean becomesVisible() {
            return whenAsked() == Decision.COMMIT;
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyStateOutlivesAKillAndARestart(RocketMqVersion version, @TempDir Path directory) throws Exception {
        Set<String> visible = new TreeSet<>();
        Set<String> undecided = new TreeSet<>();
        try (BrokerProcess server = BrokerProcess.in(directory)
                .onFixedPorts()
                .with("native.transaction-timeout", "3s")
                .with("native.transaction-check-interval", "1s")
                .with("native.transaction-check-max", "4")) {
            server.start();
            try (TransactionClient client = version.transactions(server.endpoints(), this::whenAsked);
                    Subscriber given = RocketMqVersion.V5
                            .protocol()
                            .subscriber(server.endpoints(), "operators", "TRANS_CHECK_MAX_TIME_TOPIC", seen::add);
                    Subscriber readers =
                            version.protocol().subscriber(server.endpoints(), "readers", "decided", seen::add)) {
                for (int round = 0; round < 3; round++) {
                    for (int i = 0; i < Tier.choose(10, 200); i++) {
                        for (Fate fate : Fate.values()) {
                            String text = fate + " " + round + "-" + i;
                            client.send("decided", text, fate.atOnce);
                            if (fate.becomesVisible()) {
                                visible.add(text);
                            } else if (fate == Fate.NEVER_DECIDED) {
                                undecided.add(text);
                            }
                        }
                    }
                    if (round < 2) {
                        server.kill(); // while half messages are open and decisions are on their way
                    } else {
                        server.stop();
                    }
                    server.start();
                }

                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(textsOf("decided")).containsExactlyInAnyOrderElementsOf(visible));
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(textsOf("TRANS_CHECK_MAX_TIME_TOPIC"))
                                .containsExactlyInAnyOrderElementsOf(undecided));
            }
        }

        // A consumer may see one again that it had not acknowledged; the broker stores each only once.
        for (String text : visible) {
            assertThat(seen.stream()
                            .filter(each -> text(each).equals(text))
                            .map(Incoming::queue)
                            .distinct())
                    .as(text)
                    .hasSize(1);
        }
        assertThat(asked.keySet().stream().filter(text -> Fate.of(text) == Fate.NEVER_DECIDED))
                .hasSameSizeAs(undecided);
    }

    private Decision whenAsked(String text) {
        asked.merge(text, 1, Integer::sum);
        return Fate.of(text).whenAsked();
    }

    private List<String> textsOf(String topic) {
        List<String> texts = new ArrayList<>();
        seen.stream()
                .filter(each -> each.topic().equals(topic))
                .map(TransactionsIT::text)
                .distinct()
                .forEach(texts::add);
        return texts;
    }

    private static String text(Incoming incoming) {
        return new String(incoming.body(), UTF_8);
    }
}
