/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Path;
import java.time.Duration;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.Relay;

/**
 * Restarts the nodes of a group one after the other under load, as for a new version, and tells what clients notice.
 */
final class ClusterRolling {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private ClusterRolling() {}

    static Outcome run(Path directory, int rounds) throws Exception {
        try (ClusterProcess cluster =
                ClusterProcess.in(directory, 3).with("cluster.election-timeout", ClusterFaults.ELECTION)) {
            cluster.start(PATIENCE);
            try (Relay mqtt = Relay.to(cluster.mqtt());
                    Traffic traffic = new Traffic(cluster.endpoints(mqtt), "rolling", false)) {
                traffic.start();
                traffic.awaitProgress(20, PATIENCE);
                for (int round = 1; round <= rounds; round++) {
                    for (int place = 0; place < cluster.size(); place++) {
                        boolean led = cluster.awaitLeader(PATIENCE) == place;
                        long moment = System.nanoTime();
                        cluster.node(place).stop();
                        cluster.node(place).start();
                        traffic.awaitProgress(10, PATIENCE);
                        System.out.println("  round " + round + ", node " + (place + 1) + (led ? ", which led" : "")
                                + ": longest time between two acknowledgements, ms " + traffic.longestGaps(moment));
                        if (!Pause.until(PATIENCE, () -> isWithTheOthers(cluster))) {
                            return Outcome.failed("node " + (place + 1) + " does not catch up");
                        }
                    }
                }
                traffic.drain(PATIENCE);
                System.out.println("  sends that clients gave up: " + traffic.failedSends());
                return new Outcome(traffic.atLeastOnce(), traffic.exactlyOnce(), traffic.failures());
            }
        }
    }

    /** Whether no node is far behind. */
    private static boolean isWithTheOthers(ClusterProcess cluster) {
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < cluster.size(); i++) {
            long applied = cluster.status(i).getOrDefault("appliedEntry", 0L);
            least = Math.min(least, applied);
            most = Math.max(most, applied);
        }
        return most - least < 100;
    }
}
