/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** MQTT: the same program against PolyMQ, Mosquitto and HiveMQ, round by round in turn. One thread uses it. */
final class MqttComparison {
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /**
     * Rows of the table: name, the load's word, settings, and whether every round has a broker of its own, because what
     * a JVM took for an earlier round would hide what this one needs.
     */
    private record Row(String name, String command, String settings, boolean fresh) {}

    private static final List<Row> ROWS = List.of(
            new Row("idle", "idle", "connections=18000", true),
            new Row("one-qos0", "flow", "qos=0", false),
            new Row("one-qos1", "flow", "qos=1", false),
            // Mosquitto closes the connection of a publisher with more than 20 QoS 2 messages unanswered.
            new Row("one-qos2", "flow", "qos=2 unacked=20", false),
            new Row("fan-in", "flow", "publishers=50 subscribers=5 share=1 qos=1 unacked=20", false),
            new Row("fan-out-500", "flow", "subscribers=500 qos=0 window=20", false),
            new Row("latency-5k", "flow", "publishers=10 qos=1 rate=5000", false),
            new Row("queue", "queue", "messages=100000", false),
            new Row("drain", "drain", "messages=100000", false));

    private final Layout layout;
    private final Path directory;
    private final PrintStream out;
    private int started;

    MqttComparison(Layout layout, Path directory, PrintStream out) {
        this.layout = layout;
        this.directory = directory;
        this.out = out;
    }

    /** A broker with its load process. */
    private record Contender(MqttBroker broker, Child load) implements AutoCloseable {
        @Override
        public void close() {
            load.close();
            broker.close();
        }
    }

    /** Runs the rows {@code rounds} times on each broker in turn; the first round only warms up. */
    void run(Fields settings) throws Exception {
        List<String> brokers =
                List.of(settings.text("brokers", "polymq,mosquitto,hivemq").split(",", -1));
        List<Row> rows = rows(settings.text("rows", "all"));
        int rounds = settings.count("rounds", 3);
        Report report = new Report(out);
        for (Row row : rows.stream().filter(Row::fresh).toList()) {
            for (int round = 1; round <= rounds; round++) {
                for (String broker : brokers) {
                    try (Contender contender = start(broker)) {
                        round(contender, row, round, settings, report);
                    }
                }
            }
        }
        List<Row> steady = rows.stream().filter(row -> !row.fresh()).toList();
        if (!steady.isEmpty()) {
            together(brokers, steady, rounds, settings, report);
        }
        report.print();
    }

    private void together(List<String> brokers, List<Row> rows, int rounds, Fields settings, Report report)
            throws Exception {
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            List<Contender> contenders = new ArrayList<>();
            for (String broker : brokers) {
                Contender contender = start(broker);
                open.push(contender);
                contenders.add(contender);
            }
            for (Row row : rows) {
                for (int round = 0; round <= rounds; round++) {
                    for (Contender contender : contenders) {
                        round(contender, row, round, settings, report);
                    }
                }
            }
        } finally {
            Main.closeAll(open);
        }
    }

    private static List<Row> rows(String names) {
        if (names.equals("all")) {
            return ROWS;
        }
        List<String> wanted = List.of(names.split(",", -1));
        for (String name : wanted) {
            if (ROWS.stream().noneMatch(row -> row.name().equals(name))) {
                throw new IllegalArgumentException("no row '" + name + "', there are "
                        + ROWS.stream().map(Row::name).toList());
            }
        }
        return ROWS.stream().filter(row -> wanted.contains(row.name())).toList();
    }

    private Contender start(String name) throws IOException, InterruptedException {
        Path home = directory.resolve("mqtt" + started++);
        MqttBroker broker = MqttBroker.start(name, layout, home);
        Child load = Child.java(
                home.resolve("load.log"),
                List.of("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC"),
                layout.ownClassPath(),
                "org.polymq.bench.load.MqttLoad",
                Integer.toString(broker.port()),
                Long.toString(broker.child().pid()));
        load.await(PATIENCE, "READY");
        return new Contender(broker, load);
    }

    private void round(Contender contender, Row row, int round, Fields settings, Report report)
            throws IOException, InterruptedException {
        Fields asked = Fields.parse(row.settings())
                .overriddenBy(settings)
                .with("secs", round == 0 ? 3 : settings.number("secs", 10))
                // What one round queued the drain of the same round takes.
                .with("topic", (row.command().equals("drain") ? "queue" : row.name()) + "-" + round);
        if (round == 0 && asked.has("messages")) {
            asked = asked.with("messages", Math.max(1, asked.number("messages", 1) / 10));
        }
        contender.load().write(row.command() + " " + asked);
        String line = contender.load().await(PATIENCE, "RESULT", "ERROR");
        String name = contender.broker().name();
        if (line.startsWith("ERROR")) {
            throw new IllegalStateException(name + " " + row.name() + ": " + line);
        }
        if (round > 0) {
            ProcStat stat = new ProcStat(contender.broker().child().pid());
            report.add(
                    row.name(),
                    name,
                    round,
                    Fields.parse(line.substring(7))
                            .with("rss_anon_mb", stat.rssAnon() >> 20)
                            .with("rss_file_mb", stat.rssFile() >> 20));
        }
    }
}
