/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.polymq.tck.server.ClusterProcess;

/** At the end of a run: all nodes of a cluster must have the same segments with the same bytes, of each group. */
final class EqualLogs {
    private static final Duration REST = Duration.ofSeconds(1);

    private EqualLogs() {}

    /** Waits until all nodes are level, stops them, and compares. Nobody may publish any more. */
    static Outcome check(ClusterProcess cluster, Duration patience) throws Exception {
        if (!Pause.until(patience, () -> isAtRest(cluster))) {
            return Outcome.failed("the nodes are not level after " + patience + ": " + states(cluster));
        }
        // All stand still at once: a node that is killed ends connections, and the others would write that down.
        for (int i = 0; i < cluster.size(); i++) {
            cluster.node(i).freeze();
        }
        for (int i = 0; i < cluster.size(); i++) {
            cluster.node(i).kill();
        }
        Map<String, Long> first = cluster.checksums(0);
        if (first.size() < cluster.groups()) {
            return Outcome.failed("only these segments were found: " + first);
        }
        for (int i = 1; i < cluster.size(); i++) {
            Map<String, Long> other = cluster.checksums(i);
            if (!other.equals(first)) {
                return Outcome.failed("the logs of nodes 1 and " + (i + 1) + " differ: " + first + " " + other);
            }
        }
        System.out.println("  the nodes' logs are equal: " + first.size() + " segments"
                + (cluster.groups() == 1 ? "" : " of " + cluster.groups() + " groups"));
        return Outcome.none();
    }

    /** Whether all nodes have the same entries, and had the same a while ago. */
    private static boolean isAtRest(ClusterProcess cluster) {
        List<Map<String, Long>> before = states(cluster);
        if (!cluster.isLevel()) {
            return false;
        }
        try {
            Pause.of(REST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return before.equals(states(cluster));
    }

    private static List<Map<String, Long>> states(ClusterProcess cluster) {
        List<Map<String, Long>> states = new ArrayList<>();
        for (int place = 0; place < cluster.size(); place++) {
            for (int slot = 0; slot < cluster.groups(); slot++) {
                states.add(cluster.status(place, slot));
            }
        }
        return states;
    }
}
