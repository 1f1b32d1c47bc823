/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.Relay;

/**
 * Restarts the nodes of a cluster one after the other under load, as for a new version, and tells what clients notice.
 */
final class ClusterRolling {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private ClusterRolling() {}

    static Outcome run(Path directory, int rounds, int groups) throws Exception {
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, null, groups)
                .with("cluster.election-timeout", ClusterFaults.ELECTION)) {
            cluster.start(PATIENCE);
            try (Relay mqtt = Relay.to(cluster.mqtt());
                    Traffic traffic = Traffic.ofCluster(cluster.endpoints(mqtt), "rolling")) {
                traffic.start();
                traffic.awaitProgress(20, PATIENCE);
                Map<String, Long> longest = new TreeMap<>();
                int leaders = 0;
                for (int round = 1; round <= rounds; round++) {
                    for (int place = 0; place < cluster.size(); place++) {
                        int led = leads(cluster, place);
                        long moment = System.nanoTime();
                        cluster.node(place).stop();
                        cluster.node(place).start();
                        long restarted = (System.nanoTime() - moment) / 1_000_000;
                        traffic.awaitProgress(10, PATIENCE);
                        Map<String, Long> gaps = traffic.longestGaps(moment);
                        System.out.println("  round " + round + ", node " + (place + 1) + ", which led " + led + " of "
                                + groups + ", restarted in " + restarted
                                + " ms: longest time between two acknowledgements, ms " + gaps);
                        gaps.forEach((stream, gap) -> longest.merge(stream, gap, Math::max));
                        leaders += led > 0 ? 1 : 0;
                        if (!Pause.until(PATIENCE, () -> isWithTheOthers(cluster))) {
                            return Outcome.failed("node " + (place + 1) + " does not catch up");
                        }
                    }
                }
                traffic.drain(PATIENCE);
                System.out.println("  calls that ended without an acknowledgement (Paho sends again by itself): "
                        + traffic.failedSends());
                System.out.println(
                        "  " + rounds * cluster.size() + " restarts, " + leaders + " of a leader: failed sends "
                                + traffic.failedCount() + "; longest time between two acknowledgements, ms " + longest);
                Outcome judged = new Outcome(traffic.atLeastOnce(), traffic.exactlyOnce(), traffic.failures())
                        .and(EqualLogs.check(cluster, PATIENCE));
                return traffic.failedCount() == 0
                        ? judged
                        : judged.and(Outcome.failed("sends failed: " + traffic.failedSends()));
            }
        }
    }

    /** How many groups a node leads. */
    private static int leads(ClusterProcess cluster, int place) throws InterruptedException {
        int leads = 0;
        for (int slot = 0; slot < cluster.groups(); slot++) {
            leads += cluster.awaitLeader(slot, PATIENCE) == place ? 1 : 0;
        }
        return leads;
    }

    /** Whether no node is far behind in a group. */
    private static boolean isWithTheOthers(ClusterProcess cluster) {
        return IntStream.range(0, cluster.groups()).allMatch(slot -> isWithTheOthers(cluster, slot));
    }

    private static boolean isWithTheOthers(ClusterProcess cluster, int slot) {
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < cluster.size(); i++) {
            long applied = cluster.status(i, slot).getOrDefault("appliedEntry", 0L);
            least = Math.min(least, applied);
            most = Math.max(most, applied);
        }
        return most - least < 100;
    }
}
