/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The command {@code bin/faults}. */
public final class Faults {
    private static final String USAGE = """
        bin/faults [--minutes N] [--within N] [--seed S] [--groups N] [PART...]
        --minutes: for so long at least, where a part has no end of its own; 10 without it
        --within: cluster takes so many minutes at most, with each kind of fault once as far as that goes
        --groups: of the cluster; without it 3 in failover, and 1 in the other parts
        parts: kill tail retention accounts disk power orderly mqtt cluster partitions failover rolling
               sessions gateways (all but the last five without one)
        """;

    private static final int SESSIONS = 10_000;

    /** One kind of fault. */
    private interface Part {
        Outcome run(Path directory, Random random, Duration time) throws Exception;
    }

    private Faults() {}

    /** Runs the parts; exit status 1 unless everything held. */
    public static void main(String[] args) throws IOException {
        Logger.getLogger("").setLevel(Level.WARNING); // Paho tells of every packet
        List<String> parts = new ArrayList<>();
        int minutes = 10;
        int within = 0;
        int groups = 0;
        long seed = System.nanoTime();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--minutes" -> minutes = Integer.parseInt(args[++i]);
                case "--within" -> within = Integer.parseInt(args[++i]);
                case "--groups" -> groups = Integer.parseInt(args[++i]);
                case "--seed" -> seed = Long.parseLong(args[++i]);
                case "kill",
                        "tail",
                        "retention",
                        "accounts",
                        "disk",
                        "power",
                        "orderly",
                        "mqtt",
                        "cluster",
                        "partitions",
                        "failover",
                        "rolling",
                        "sessions",
                        "gateways" -> parts.add(args[i]);
                default -> {
                    System.err.print(USAGE);
                    System.exit(2);
                }
            }
        }
        // Whoever ends the suite ends the servers and clients that it started.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly),
                        "ends children"));
        System.out.printf("seed %d (the same faults again: bin/faults --seed %d)%n", seed, seed);
        Outcome outcome = run(
                parts.isEmpty()
                        ? List.of(
                                "disk", "tail", "retention", "accounts", "power", "orderly", "mqtt", "cluster", "kill")
                        : parts,
                new Wanted(Duration.ofMinutes(minutes), Duration.ofMinutes(within), seed, groups));
        outcome.failures().forEach(failure -> System.out.println("FAILED " + failure));
        Stream.concat(outcome.exactlyOnce().examples().stream(), outcome.atLeastOnce().examples().stream())
                .limit(30)
                .forEach(example -> System.out.println("  " + example));
        System.out.println(outcome);
        System.exit(outcome.holds() ? 0 : 1); // the clients leave threads behind
    }

    /**
     * What the command line asks for.
     *
     * @param within zero for any time
     * @param groups 0 for what a part has by itself
     */
    private record Wanted(Duration time, Duration within, long seed, int groups) {
        int groups(int ownNumber) {
            return groups == 0 ? ownNumber : groups;
        }

        ClusterFaults.Length length(Duration atLeast) {
            return within.isZero() ? new ClusterFaults.Length(10, atLeast) : ClusterFaults.Length.within(within);
        }
    }

    private static Outcome run(List<String> names, Wanted wanted) throws IOException {
        Outcome outcome = Outcome.none();
        for (String name : names) {
            Part part = switch (name) {
                case "kill" -> (directory, random, left) -> KillRounds.run(directory, random, 10, left);
                case "tail" -> (directory, random, left) -> DamagedTail.run(directory, random, 8);
                case "retention" ->
                    (directory, random, left) -> LostSnapshot.run(
                                    Files.createDirectory(directory.resolve("snapshot")), random)
                            .and(CleanedUnderLoad.run(Files.createDirectory(directory.resolve("cleaned")), random, 10));
                case "accounts" -> (directory, random, left) -> AccountsUnderKill.run(directory, random, 20);
                case "orderly" -> (directory, random, left) -> OrderlyKills.run(directory, random, 10, left);
                case "mqtt" -> (directory, random, left) -> MqttKills.run(directory, random, 20, left);
                case "cluster" ->
                    (directory, random, left) ->
                            ClusterFaults.run(directory, random, wanted.groups(1), wanted.length(left));
                case "partitions" ->
                    (directory, random, left) -> ClusterFaults.partitions(directory, random, wanted.groups(1), left);
                case "failover" ->
                    (directory, random, left) -> ClusterFailover.run(directory, random, 10, wanted.groups(3));
                case "rolling" -> (directory, random, left) -> ClusterRolling.run(directory, 3, wanted.groups(1));
                case "sessions" ->
                    (directory, random, left) -> SessionsMove.fromLeader(directory, SESSIONS, wanted.groups(1));
                case "gateways" ->
                    (directory, random, left) -> SessionsMove.fromGateways(directory, SESSIONS, wanted.groups(1));
                case "power" -> (directory, random, left) -> PowerCuts.run(directory, random, 10);
                default -> (directory, random, left) -> SimulatedDisk.run(directory, random, 10_000);
            };
            System.out.println(name);
            outcome = outcome.and(run(part, name, new Random(wanted.seed()), wanted.time()));
        }
        return outcome;
    }

    private static Outcome run(Part part, String name, Random random, Duration time) throws IOException {
        Path directory = Files.createTempDirectory("polymq-faults-" + name);
        try {
            Outcome outcome = part.run(directory, random, time);
            System.out.println("  " + name + ": " + outcome);
            if (outcome.holds()) {
                delete(directory);
            } else {
                System.out.println("  data and logs are kept in " + directory);
            }
            return outcome;
        } catch (Exception e) {
            e.printStackTrace(System.out);
            System.out.println("  data and logs are kept in " + directory);
            return Outcome.failed(name + ": " + e);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
