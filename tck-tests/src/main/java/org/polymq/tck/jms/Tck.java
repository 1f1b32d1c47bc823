/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** The command {@code bin/tck}. */
public final class Tck {
    private static final String USAGE = """
            bin/tck --jar FILE [--shards N] [--reports DIR] [--test-limit SECONDS] [--only TEXT]
              --jar         the jar of the Jakarta Messaging TCK, standalone part (jms-tck)
              --shards      brokers and JVMs that share the work; default 6
              --reports     where JUnit's XML, the logs and report.md go; default target/tck
              --test-limit  of one test, in seconds; default 240
              --only        only classes whose name contains this
            """;

    /**
     * They receive what another test of their class left in its durable subscription, when JUnit's order runs them
     * after it: the same with other providers. Alone they show what the provider does.
     */
    private static final Set<String> ORDER_DEPENDENT =
            Set.of("transactionRollbackOnSessionCloseReceiveTopicTest", "txRollbackOnConnectionCloseReceiveTopicTest");

    /** Is in every directory of reports. */
    private static final String MARK = ".tck";

    private static final String ORDER_DEPENDENT_CLASS = "TxTopicTestsIT";

    private final TckRun run;
    private final Path reports;
    private final Queue<String> left;
    private final int classes;
    private final List<TckResults> results = new ArrayList<>(); // guarded by itself
    private final List<String> rerun = new ArrayList<>(); // guarded by results

    private Tck(TckRun run, Path reports, List<String> names) {
        this.run = run;
        this.reports = reports;
        this.left = new ConcurrentLinkedQueue<>(names);
        this.classes = names.size();
    }

    /** Runs the TCK; the last line is {@code N passed, N failed}, exit status 1 unless all passed. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path jar = null;
        Path reports = Path.of("target/tck");
        int shards = 6;
        long limit = 240;
        String only = "";
        for (int i = 0; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--jar" -> jar = Path.of(args[i + 1]).toAbsolutePath();
                case "--reports" -> reports = Path.of(args[i + 1]);
                case "--shards" -> shards = Math.max(1, Integer.parseInt(args[i + 1]));
                case "--test-limit" -> limit = Long.parseLong(args[i + 1]);
                case "--only" -> only = args[i + 1];
                default -> usage("unknown option " + args[i]);
            }
        }
        if (jar == null || args.length % 2 != 0) {
            usage("--jar FILE is needed");
        } else if (!Files.isReadable(jar)) {
            usage(jar + " cannot be read");
        } else {
            Path directory = reports.toAbsolutePath();
            makeEmpty(directory);
            List<String> names = TckClasses.in(jar, only);
            Tck tck = new Tck(new TckRun(jar, directory, Duration.ofSeconds(limit)), directory, names);
            System.exit(tck.runAll(Math.min(shards, names.size())) ? 0 : 1);
        }
    }

    private static void usage(String problem) {
        System.err.println(problem);
        System.err.print(USAGE);
        System.exit(2);
    }

    private boolean runAll(int shards) throws IOException, InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int shard = 1; shard <= shards; shard++) {
            int number = shard;
            Thread thread = new Thread(() -> runShard(number), "shard " + shard);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        TckReport report;
        synchronized (results) {
            report = new TckReport(results, rerun);
        }
        int unfinished = classes - results.size();
        Files.writeString(reports.resolve("report.md"), report.text() + "\n" + report.classes());
        System.out.print(report.text());
        if (unfinished > 0) {
            System.out.println(unfinished + " classes were not run");
        }
        System.out.printf("%d passed, %d failed%n", report.passed(), report.failed() + unfinished);
        return report.failed() + unfinished == 0;
    }

    private void runShard(int number) {
        Path directory = reports.resolve("broker-" + number);
        try (TckBroker broker = startBroker(directory)) {
            for (String name = left.poll(); name != null; name = left.poll()) {
                runClass(name, broker);
            }
        } catch (IOException | IllegalStateException e) {
            System.out.println("shard " + number + " ends: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        deleteQuietly(directory.resolve("data"));
    }

    /** One at a time: the first start prepares what the others use, and a start takes a whole processor. */
    private TckBroker startBroker(Path directory) throws IOException, InterruptedException {
        synchronized (run) {
            return TckBroker.start(directory);
        }
    }

    private void runClass(String name, TckBroker broker) throws IOException, InterruptedException {
        TckResults result = run.run(name, broker, List.of(), "");
        List<String> again = new ArrayList<>();
        if (name.endsWith(ORDER_DEPENDENT_CLASS)) {
            result.failed().stream()
                    .map(TckResults.Failure::method)
                    .filter(ORDER_DEPENDENT::contains)
                    .forEach(again::add);
        }
        for (String method : again) {
            result = result.afterRerun(runAlone(name, method));
        }
        note(result, again);
    }

    private TckResults runAlone(String name, String method) throws IOException, InterruptedException {
        Path directory = reports.resolve("broker-" + method);
        try (TckBroker broker = startBroker(directory)) {
            return run.run(name, broker, List.of(method), "-" + method);
        } finally {
            deleteQuietly(directory.resolve("data"));
        }
    }

    private void note(TckResults result, List<String> again) {
        synchronized (results) {
            results.add(result);
            again.forEach(method -> rerun.add(result.name() + "#" + method));
            System.out.printf(
                    "%d/%d %s: %d passed, %d failed, %.0f s%n",
                    results.size(),
                    classes,
                    result.name(),
                    result.passed().size(),
                    result.failed().size(),
                    result.seconds());
        }
    }

    /** Takes away what an earlier run left; anybody else's files are left alone. */
    private static void makeEmpty(Path directory) throws IOException {
        Path mark = directory.resolve(MARK);
        if (Files.exists(mark)) {
            delete(directory);
        } else if (Files.exists(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                if (files.findAny().isPresent()) {
                    throw new IOException(directory + " has files that are not of bin/tck; name an empty directory");
                }
            }
        }
        Files.createDirectories(directory);
        Files.writeString(mark, "");
    }

    private static void deleteQuietly(Path directory) {
        try {
            delete(directory);
        } catch (IOException e) {
            System.out.println("could not delete " + directory + ": " + e.getMessage());
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
