/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** JMS: the same program against PolyMQ and, to compare, Artemis, round by round in turn. One thread uses it. */
final class JmsComparison {
    private static final Pattern NATIVE = Pattern.compile("(?i)\\s*native\\s+(\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+).*");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Rows of the table: name, the load's word, settings. */
    private record Row(String name, String command, String settings) {}

    private static final List<Row> ROWS = List.of(
            new Row("send-1x1k", "send", "threads=1 size=1024"),
            new Row("send-16x1k", "send", "threads=16 size=1024"),
            new Row("listen-1k", "listen", "size=1024 messages=50000"),
            new Row("receive-1k", "receive", "size=1024 messages=20000"),
            new Row("tx-1x1k", "transacted", "threads=1 size=1024"),
            new Row("tx-16x1k", "transacted", "threads=16 size=1024"));

    private final Layout layout;
    private final Path directory;
    private final PrintStream out;

    JmsComparison(Layout layout, Path directory, PrintStream out) {
        this.layout = layout;
        this.directory = directory;
        this.out = out;
    }

    /** A broker with its load process. */
    private record Contender(String name, Child broker, Child load) {}

    /** Runs every row {@code rounds} times on each broker in turn; the first round only warms up. */
    void run(Fields settings) throws Exception {
        String flush = settings.text("flush", "async");
        Report report = new Report(out);
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            List<Contender> contenders = new ArrayList<>();
            for (String name : settings.text("brokers", "polymq,artemis").split(",", -1)) {
                contenders.add(contender(name, flush, open));
            }
            List<String> wanted = List.of(settings.text("rows", "").split(",", -1));
            for (Row row : ROWS) {
                if (!wanted.contains("") && !wanted.contains(row.name())) {
                    continue;
                }
                for (int round = 0; round <= settings.count("rounds", 3); round++) {
                    for (Contender contender : contenders) {
                        Fields figures = round(contender, row, round, settings);
                        if (round > 0) {
                            report.add(row.name(), contender.name(), round, figures);
                        }
                    }
                }
            }
        } finally {
            Main.closeAll(open);
        }
        report.print();
    }

    /**
     * Consumers with selectors of their own, without a backlog that nobody wants and behind one: the report's ratio is
     * what the backlog costs.
     */
    void selectors(Fields settings) throws Exception {
        String flush = settings.text("flush", "async");
        Report report = new Report(out);
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            List<Contender> contenders = new ArrayList<>();
            for (String name : settings.text("brokers", "polymq").split(",", -1)) {
                contenders.add(contender(name, flush, open));
            }
            List<Row> rows = List.of(
                    new Row("no-backlog", "selectors", "backlog=0"),
                    new Row("backlog", "selectors", "backlog=" + settings.count("backlog", 100_000)));
            for (int round = 0; round <= settings.count("rounds", 3); round++) {
                for (Row row : rows) {
                    for (Contender contender : contenders) {
                        Fields asked = settings.with(
                                "backlog", Fields.parse(row.settings()).text("backlog", "0"));
                        Fields figures = round(contender, row, round, asked);
                        if (round > 0) {
                            report.add("selectors", contender.name() + "/" + row.name(), round, figures);
                        }
                    }
                }
            }
        } finally {
            Main.closeAll(open);
        }
        report.print();
    }

    private Fields round(Contender contender, Row row, int round, Fields settings)
            throws IOException, InterruptedException {
        Fields asked = Fields.parse(row.settings())
                .overriddenBy(settings)
                .with("secs", round == 0 ? 3 : settings.number("secs", 10))
                .with("topic", row.name() + "-" + round);
        contender.load().write(row.command() + " " + asked);
        String line = contender.load().await(Duration.ofMinutes(20), "RESULT", "ERROR");
        if (line.startsWith("ERROR")) {
            throw new IllegalStateException(contender.name() + " " + row.name() + ": " + line);
        }
        ProcStat stat = new ProcStat(contender.broker().pid());
        return Fields.parse(line.substring(7))
                .with("rss_anon_mb", stat.rssAnon() >> 20)
                .with("rss_file_mb", stat.rssFile() >> 20);
    }

    /**
     * {@code polymq}, {@code artemis}, {@code artemis-wait} (a client that waits for its acknowledgements), or
     * {@code NAME=DIRECTORY}: PolyMQ of another checkout or unpacked distribution, with the client that is there.
     */
    private Contender contender(String name, String flush, Deque<AutoCloseable> open)
            throws IOException, InterruptedException {
        int equals = name.indexOf('=');
        if (equals > 0) {
            return polymq(name.substring(0, equals), Path.of(name.substring(equals + 1)), flush, open);
        }
        return switch (name) {
            case "polymq" -> polymq(name, layout.root(), flush, open);
            case "artemis" -> artemis(name, "", flush, open);
            case "artemis-wait" -> artemis(name, "?blockOnAcknowledge=true", flush, open);
            default ->
                throw new IllegalArgumentException(
                        "no broker '" + name + "': there are polymq, artemis, artemis-wait and NAME=DIRECTORY");
        };
    }

    private Contender polymq(String name, Path root, String flush, Deque<AutoCloseable> open)
            throws IOException, InterruptedException {
        Path home = Files.createDirectories(directory.resolve(name));
        Child broker = BrokerKind.PolyMq.launch(root, home, List.of("storage.flush=" + flush));
        open.push(broker);
        String address = BrokerKind.PolyMq.address(broker, NATIVE, "native listener");
        Child load = load(
                home,
                clientOf(root) + layout.ownClassPath(),
                "org.polymq.jms.PolyMQConnectionFactory",
                "polymq://" + address,
                broker);
        open.push(load);
        return new Contender(name, broker, load);
    }

    /** What comes before our own class path, so that a broker meets the client of its own build. */
    private String clientOf(Path root) throws IOException {
        if (root.equals(layout.root())) {
            return "";
        }
        Path unpacked = root.resolve("lib");
        Path jars = Files.isDirectory(unpacked) ? unpacked : root.resolve("distribution/target/polymq/lib");
        StringBuilder path = new StringBuilder();
        for (String part : List.of("client", "wire")) {
            try (Stream<Path> found = Files.list(jars)) {
                found.filter(jar -> jar.getFileName().toString().startsWith("polymq-jms-" + part + "-"))
                        .forEach(jar -> path.append(jar).append(':'));
            }
        }
        return path.toString();
    }

    private Contender artemis(String name, String options, String flush, Deque<AutoCloseable> open)
            throws IOException, InterruptedException {
        Path home = Files.createDirectories(directory.resolve(name));
        Child broker = Child.java(
                home.resolve("artemis.log"),
                List.of("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC"),
                layout.artemisClassPath(),
                "org.polymq.bench.peer.ArtemisPeer",
                home.resolve("data").toString(),
                flush);
        open.push(broker);
        String ready = broker.await(PATIENCE, "READY url=");
        Child load = load(
                home,
                layout.artemisClassPath(),
                "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory",
                ready.substring("READY url=".length()) + options,
                broker);
        open.push(load);
        return new Contender(name, broker, load);
    }

    private static Child load(Path home, String classPath, String factory, String url, Child broker)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("-Xms512m", "-Xmx512m", "-XX:+UseParallelGC"));
        Child load = Child.java(
                home.resolve("load.log"),
                options,
                classPath,
                "org.polymq.bench.load.JmsLoad",
                factory,
                url,
                Long.toString(broker.pid()));
        load.await(PATIENCE, "READY");
        return load;
    }
}
