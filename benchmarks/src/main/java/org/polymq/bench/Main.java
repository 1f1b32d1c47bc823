/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** The command {@code benchmarks/run}. */
public final class Main {
    private static final String USAGE = """
        benchmarks/run compare [brokers=polymq,rocketmq] [scenarios=default] [rounds=5] [secs=10] [key=value ...]
        benchmarks/run replicated [brokers=polymq,polymq-group,rocketmq,rocketmq-sync] [scenarios=send-16x1k,send-64x1k] [rounds=5] [secs=10]
        benchmarks/run startup [brokers=polymq] [rounds=5]
        benchmarks/run backlog [broker=polymq] [messages=10000000] [size=1024]
        benchmarks/run topics  [broker=polymq] [topics=100000]
        benchmarks/run jms     [rounds=3] [secs=10] [flush=async]
        benchmarks/run mqtt    [brokers=polymq,mosquitto,hivemq] [rows=idle,one-qos0,...] [rounds=3] [secs=10] [connections=18000] [messages=100000]
        benchmarks/run selectors [rounds=3] [consumers=100] [backlog=100000] [messages=20000] [artemis=false]
        benchmarks/run routes  [brokers=1000] [topics=1000000] [spread=2] [lookups=20000] [heap=4g]
        benchmarks/run filters [count=10000000] [heap=6g]
        benchmarks/run timers  [broker=polymq] [count=1000000] [size=256] [lead=120] [spread=60]

        brokers: null, rocketmq, rocketmq-sync, polymq, polymq-group, NAME=CHECKOUT (PolyMQ built elsewhere); +key=value adds --set options
        """;

    private Main() {}

    /**
     * Runs one command.
     *
     * @param args the checkout, the command, and settings of the form key=value
     */
    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.print(USAGE);
            System.exit(2);
        }
        Layout layout = new Layout(Path.of(args[0]).toAbsolutePath().normalize());
        Fields settings = Fields.parse(String.join(" ", List.of(args).subList(2, args.length)));
        Path directory = Files.createTempDirectory("polymq-bench");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory), "clean up"));
        System.out.printf(
                "%d processors, Java %s, load average at start %s%n",
                Runtime.getRuntime().availableProcessors(), Runtime.version(), ProcStat.loadAverage());
        switch (args[1]) {
            case "compare" -> compare(layout, directory, settings).print();
            case "replicated" -> replicated(layout, directory, settings);
            case "startup" -> startup(layout, directory, settings);
            case "backlog" -> new Scale(layout, directory, System.out).backlog(settings);
            case "timers" -> new Scale(layout, directory, System.out).timers(settings);
            case "jms" -> new JmsComparison(layout, directory, System.out).run(settings);
            case "mqtt" -> new MqttComparison(layout, directory, System.out).run(settings);
            case "selectors" -> new JmsComparison(layout, directory, System.out).selectors(settings);
            case "routes" -> new Scale(layout, directory, System.out).routes(settings);
            case "filters" -> new Scale(layout, directory, System.out).filters(settings);
            case "topics" -> new Scale(layout, directory, System.out).topics(settings);
            default -> {
                System.err.print(USAGE);
                System.exit(2);
            }
        }
        System.out.println("load average at end " + ProcStat.loadAverage());
    }

    /** A B A B: every round runs a scenario on each broker in turn; all brokers stay up, round 0 is not counted. */
    private static Report compare(Layout layout, Path directory, Fields settings) throws Exception {
        List<BrokerKind> kinds = kinds(settings.text("brokers", "polymq,rocketmq"));
        List<Scenario> scenarios = Scenario.parse(settings.text("scenarios", "default"));
        Fields overrides = settings.with("secs", settings.text("secs", "10"));
        Report report = new Report(System.out);
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            List<Contender> contenders = new ArrayList<>();
            for (BrokerKind kind : kinds) {
                Path home = Files.createDirectories(directory.resolve(Integer.toString(contenders.size())));
                BrokerKind.Running broker = kind.start(layout, home);
                open.push(broker);
                System.out.printf(
                        "%s: ready in %d ms, RssAnon %d MB, RssFile %d MB, %d threads%n",
                        kind.name(),
                        broker.readyMillis(),
                        broker.stat().rssAnon() >> 20,
                        broker.stat().rssFile() >> 20,
                        broker.stat().threads());
                Load load = Load.start(layout, home, broker);
                open.push(load);
                contenders.add(new Contender(kind, broker, load));
            }
            for (Scenario scenario : scenarios) {
                for (int round = 0; round <= settings.count("rounds", 5); round++) {
                    for (Contender contender : contenders) {
                        contender.run(scenario, round, overrides, report);
                    }
                }
            }
        } finally {
            closeAll(open);
        }
        return report;
    }

    /** The same with replicated brokers, each with the single one beside it. */
    private static void replicated(Layout layout, Path directory, Fields settings) throws Exception {
        String brokers = settings.text("brokers", "polymq,polymq-group,rocketmq,rocketmq-sync");
        String scenarios = settings.text("scenarios", "send-16x1k,send-64x1k");
        Report report =
                compare(layout, directory, settings.with("brokers", brokers).with("scenarios", scenarios));
        report.print();
        report.printShare("polymq-group", "polymq");
        report.printShare("rocketmq-sync", "rocketmq");
    }

    /** From the start of the command to its ready line, on an empty directory, and memory at that moment. */
    private static void startup(Layout layout, Path directory, Fields settings) throws Exception {
        Report report = new Report(System.out);
        for (int round = 0; round <= settings.count("rounds", 5); round++) {
            for (BrokerKind kind : kinds(settings.text("brokers", "polymq"))) {
                Path home = Files.createDirectories(directory.resolve(kind.name() + "-" + round));
                try (BrokerKind.Running broker = kind.start(layout, home)) {
                    Fields figures = Fields.none()
                            .with("ready_ms", broker.readyMillis())
                            .with("rss_anon_mb", broker.stat().rssAnon() >> 20)
                            .with("rss_file_mb", broker.stat().rssFile() >> 20)
                            .with("cpu_ms", broker.stat().cpuMicros() / 1000);
                    if (round > 0) {
                        report.add("startup", kind.name(), round, figures);
                    }
                }
            }
        }
        report.print();
    }

    static void closeAll(Deque<AutoCloseable> open) throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private static List<BrokerKind> kinds(String names) {
        return Stream.of(names.split(",", -1)).map(BrokerKind::parse).toList();
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not delete " + directory, e);
        }
    }

    /** A broker with its load process. */
    private record Contender(BrokerKind kind, BrokerKind.Running broker, Load load) {
        void run(Scenario scenario, int round, Fields overrides, Report report)
                throws IOException, InterruptedException {
            if (scenario.stored() && !kind.stores()) {
                return;
            }
            Fields settings =
                    round == 0 ? overrides.with("secs", Math.min(5, overrides.number("secs", 10))) : overrides;
            Fields figures = scenario.run(load, round, settings)
                    .with("rss_anon_mb", broker.stat().rssAnon() >> 20)
                    .with("rss_file_mb", broker.stat().rssFile() >> 20);
            if (round > 0) {
                report.add(scenario.name(), kind.name(), round, figures);
            }
        }
    }
}
