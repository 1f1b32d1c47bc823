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
        bin/faults [--minutes N] [--seed S] [--groups N] [PART...]
        --groups: of the cluster in failover; 1 without it
        parts: kill tail retention accounts disk power orderly mqtt cluster partitions failover rolling
               sessions (all but the last four without one)
        """;

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
        int groups = 1;
        long seed = System.nanoTime();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--minutes" -> minutes = Integer.parseInt(args[++i]);
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
                        "sessions" -> parts.add(args[i]);
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
                Duration.ofMinutes(minutes),
                seed,
                groups);
        outcome.failures().forEach(failure -> System.out.println("FAILED " + failure));
        Stream.concat(outcome.exactlyOnce().examples().stream(), outcome.atLeastOnce().examples().stream())
                .limit(30)
                .forEach(example -> System.out.println("  " + example));
        System.out.println(outcome);
        System.exit(outcome.holds() ? 0 : 1); // the clients leave threads behind
    }

    private static Outcome run(List<String> names, Duration time, long seed, int groups) throws IOException {
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
                case "cluster" -> (directory, random, left) -> ClusterFaults.run(directory, random, 10, left);
                case "partitions" -> (directory, random, left) -> ClusterFaults.partitions(directory, random, left);
                case "failover" -> (directory, random, left) -> ClusterFailover.run(directory, random, 10, groups);
                case "rolling" -> (directory, random, left) -> ClusterRolling.run(directory, 3);
                case "sessions" -> (directory, random, left) -> SessionsMove.run(directory, 10_000);
                case "power" -> (directory, random, left) -> PowerCuts.run(directory, random, 10);
                default -> (directory, random, left) -> SimulatedDisk.run(directory, random, 10_000);
            };
            System.out.println(name);
            outcome = outcome.and(run(part, name, new Random(seed), time));
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
