/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.polymq.tck.server.BrokerProcess;

/**
 * Kills the process at random moments while everybody publishes and consumes, and starts it again, in turn with
 * {@code storage.flush} async and sync.
 */
public final class KillRounds {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private KillRounds() {}

    /**
     * Runs until there were so many kills and the time is over.
     *
     * @param directory an empty one
     * @param kills at least so many
     * @param atLeast goes on that long
     */
    public static Outcome run(Path directory, Random random, int kills, Duration atLeast) throws Exception {
        long end = System.nanoTime() + atLeast.toNanos();
        try (BrokerProcess server = BrokerProcess.in(directory).onFixedPorts()) {
            server.start();
            try (Traffic traffic = new Traffic(server.endpoints(), "kill")) {
                traffic.start();
                traffic.awaitProgress(20, PATIENCE);
                for (int kill = 1; kill <= kills || System.nanoTime() < end; kill++) {
                    Pause.of(Duration.ofMillis(random.nextInt(50, 2_500)));
                    server.kill();
                    long begin = System.nanoTime();
                    String flush = kill % 2 == 0 ? "async" : "sync";
                    server.with("storage.flush", flush).start();
                    long ready = (System.nanoTime() - begin) / 1_000_000;
                    String slowest = traffic.awaitProgress(5, PATIENCE);
                    System.out.printf(
                            "  kill %d: ready again with flush %s in %d ms, last to go on %s; %d acknowledged so far%n",
                            kill, flush, ready, slowest, traffic.acknowledged());
                }
                traffic.drain(PATIENCE);
                return new Outcome(traffic.atLeastOnce(), traffic.exactlyOnce(), traffic.failures());
            }
        }
    }
}
