/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.Relay;

/**
 * Measures how long each kind of publisher is without an acknowledgement when a group's leader is killed. Publishers
 * rest between their messages: at full speed they and the nodes of one machine keep each other from the processors, and
 * what is measured is that.
 */
final class ClusterFailover {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration REST = Duration.ofMillis(50);

    private ClusterFailover() {}

    static Outcome run(Path directory, Random random, int kills, int groups) throws Exception {
        Map<String, List<Long>> gaps = new TreeMap<>();
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, null, groups)) {
            cluster.start(PATIENCE);
            try (Relay mqtt = Relay.to(cluster.mqtt());
                    Traffic traffic = Traffic.ofCluster(cluster.endpoints(mqtt), "failover", REST)) {
                traffic.start();
                traffic.awaitProgress(20, PATIENCE);
                for (int kill = 1; kill <= kills; kill++) {
                    Pause.of(Duration.ofMillis(random.nextInt(2_000, 4_000)));
                    int slot = random.nextInt(groups);
                    int leader = cluster.awaitLeader(slot, PATIENCE);
                    long moment = System.nanoTime();
                    cluster.node(leader).kill();
                    int next = cluster.awaitLeader(slot, PATIENCE);
                    long elected = (System.nanoTime() - moment) / 1_000_000;
                    traffic.awaitProgress(3, PATIENCE);
                    gaps.computeIfAbsent("next leader seen", each -> new ArrayList<>())
                            .add(elected);
                    Map<String, Long> without = traffic.longestGaps(moment);
                    without.forEach((stream, gap) -> gaps.computeIfAbsent(stream, each -> new ArrayList<>())
                            .add(gap));
                    System.out.println("  kill " + kill + ": node " + (next + 1) + " leads"
                            + (groups == 1 ? "" : " group " + slot) + "; ms without an acknowledgement " + without);
                    cluster.node(leader).start();
                    traffic.awaitProgress(5, PATIENCE);
                }
                traffic.drain(PATIENCE);
                gaps.forEach((what, all) -> {
                    List<Long> sorted = all.stream().sorted().toList();
                    System.out.printf(
                            "  %-34s median %6d ms, least %6d, most %6d%n",
                            what, sorted.get(sorted.size() / 2), sorted.get(0), sorted.get(sorted.size() - 1));
                });
                return new Outcome(traffic.atLeastOnce(), traffic.exactlyOnce(), traffic.failures())
                        .and(EqualLogs.check(cluster, PATIENCE));
            }
        }
    }
}
