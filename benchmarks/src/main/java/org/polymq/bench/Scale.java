/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.polymq.bench.index.Routes;

/** What a large backlog and many topics cost. Confined to one thread. */
final class Scale {
    private static final Pattern ADDRESS = Pattern.compile(":(\\d+)");

    private final Layout layout;
    private final Path directory;
    private final PrintStream out;

    Scale(Layout layout, Path directory, PrintStream out) {
        this.layout = layout;
        this.directory = directory;
        this.out = out;
    }

    /**
     * Fills one queue with no consumer, in tenths so that a falling rate shows, then drains it with a push consumer and
     * compares what came with what was acknowledged.
     *
     * @throws IllegalStateException if a message is missing, came twice or lies out of order
     */
    void backlog(Fields settings) throws Exception {
        long size = settings.number("size", 1024);
        long messages = affordable(settings.number("messages", 10_000_000), size);
        BrokerKind kind = BrokerKind.parse(settings.text("broker", "polymq"));
        try (BrokerKind.Running broker = kind.start(layout, directory);
                Load load = Load.start(layout, directory, broker)) {
            Fields fill = Fields.parse("topic=bench-backlog queues=one batch=32 threads=4")
                    .with("size", size);
            long acknowledged = 0;
            long stored = 0;
            for (int tenth = 1; tenth <= 10; tenth++) {
                Fields figures =
                        load.run("fill", fill.with("messages", messages / 10).with("first", acknowledged));
                acknowledged += figures.number("messages", 0);
                stored += figures.number("stored", 0);
                out.printf("filled %d/10: %s%n%s%n", tenth, figures, memory(broker));
            }
            Fields drain = Fields.parse("topic=bench-backlog consume-batch=32 timeout=3600")
                    .with("messages", acknowledged)
                    .with("window", messages / 10);
            Fields drained = load.run("drain", drain);
            out.printf("acknowledged %d, stored %d; drained: %s%n%s%n", acknowledged, stored, drained, memory(broker));
            out.printf("files: %d%n", files());
            for (String wrong : List.of("missing", "redelivered", "stored_twice", "out_of_order")) {
                if (drained.number(wrong, 0) > 0) {
                    throw new IllegalStateException(wrong + "=" + drained.number(wrong, 0));
                }
            }
        }
    }

    /** One name server for the brokers and topics of a very large cluster. */
    void routes(Fields settings) throws Exception {
        Routes routes = new Routes(
                settings.count("brokers", 1_000),
                settings.count("topics", 1_000_000),
                settings.count("spread", 2),
                settings.count("lookups", 20_000));
        List<String> command = List.of(
                "env",
                "POLYMQ_HEAP=" + settings.text("heap", "4g"),
                layout.root().resolve("bin/polymq").toString(),
                "nameserver",
                "--data",
                directory.resolve("data").toString(),
                "--set",
                "nameserver.port=0");
        try (Child server = Child.start(directory.resolve("nameserver.log"), command)) {
            Matcher address = ADDRESS.matcher(server.await(Duration.ofMinutes(2), "  nameserver"));
            if (!address.find()) {
                throw new IllegalStateException("the name server does not say where it listens");
            }
            ProcStat stat = new ProcStat(server.pid());
            out.printf("%d topics on %d of %d brokers each%n", routes.topics(), routes.spread(), routes.brokers());
            routes.run(Integer.parseInt(address.group(1)), stat::cpuMicros, out);
            out.printf("RssAnon %d MB%n", stat.rssAnon() >> 20);
        }
    }

    /** The index of one gateway, or of all of them together. */
    void filters(Fields settings) throws Exception {
        List<String> options = List.of("-Xmx" + settings.text("heap", "6g"), "-XX:+UseSerialGC");
        String count = Integer.toString(settings.count("count", 10_000_000));
        try (Child child = Child.java(
                directory.resolve("filters.log"),
                options,
                layout.ownClassPath(),
                "org.polymq.bench.index.Filters",
                count)) {
            out.println(child.await(Duration.ofMinutes(20), ""));
        }
    }

    /** One message to each of many topics, then a clean stop, a start, a kill and a start, and a sample read back. */
    void topics(Fields settings) throws Exception {
        int topics = settings.count("topics", 100_000);
        Fields wanted = Fields.none().with("topics", topics);
        BrokerKind kind = BrokerKind.parse(settings.text("broker", "polymq"));
        try (BrokerKind.Running broker = kind.start(layout, directory);
                Load load = Load.start(layout, directory, broker)) {
            out.printf("sent: %s%n", load.run("topics", wanted));
            out.printf("%s, files: %d%n", memory(broker), files());
        }
        out.printf("files after a clean stop: %d%n", files());
        for (String before : new String[] {"a clean stop", "kill -9"}) {
            try (BrokerKind.Running broker = kind.start(layout, directory);
                    Load load = Load.start(layout, directory, broker)) {
                out.printf("ready in %d ms after %s, %s%n", broker.readyMillis(), before, memory(broker));
                out.printf("read back: %s%n", load.run("sample", wanted.with("every", 100)));
                load.run("topics", Fields.parse("prefix=more- topics=100"));
                broker.child().kill();
            }
        }
    }

    /**
     * Messages that wait: all are sent first, then they become due within {@code spread} seconds. {@code lead} seconds
     * have to be enough to send them.
     *
     * @throws IllegalStateException if one is missing or came early
     */
    void timers(Fields settings) throws Exception {
        int count = settings.count("count", 1_000_000);
        long spread = settings.number("spread", 60);
        BrokerKind kind = BrokerKind.parse(settings.text("broker", "polymq"));
        try (BrokerKind.Running broker = kind.start(layout, directory);
                Load load = Load.start(layout, directory, broker)) {
            load.run("send", Fields.parse("topic=warm-up threads=16 secs=5 size=256"));
            out.printf("before: %s%n", memory(broker));
            long from = System.currentTimeMillis() + settings.number("lead", 120) * 1_000;
            Fields wanted = Fields.parse("topic=bench-timers-" + count)
                    .with("messages", count)
                    .with("from", from)
                    .with("spread", spread)
                    .with("size", settings.number("size", 256));
            out.printf("staged: %s%n", load.run("stage", wanted));
            out.printf("all waiting: %s, files: %d%n", memory(broker), files());
            if (System.currentTimeMillis() > from) {
                throw new IllegalStateException("sending took longer than lead=" + settings.number("lead", 120));
            }
            Fields delivered = load.run("deliver", wanted.with("timeout", 600));
            out.printf("delivered: %s%nafter: %s%n", delivered, memory(broker));
            if (delivered.number("missing", 0) + delivered.number("early", 0) > 0) {
                throw new IllegalStateException("not every message came, and none early");
            }
        }
    }

    /** Leaves a tenth of the disk free: a message takes its size, its header and its share of the index. */
    private long affordable(long messages, long size) throws IOException {
        FileStore disk = Files.getFileStore(directory);
        long room = (long) (disk.getUsableSpace() * 0.9 / (size + 400));
        if (room < messages) {
            out.printf("the disk has room for %d messages of %d bytes only%n", room, size);
        }
        return Math.min(messages, room);
    }

    private long files() throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).count();
        }
    }

    private static String memory(BrokerKind.Running broker) {
        return String.format(
                "RssAnon %d MB, RssFile %d MB",
                broker.stat().rssAnon() >> 20, broker.stat().rssFile() >> 20);
    }
}
