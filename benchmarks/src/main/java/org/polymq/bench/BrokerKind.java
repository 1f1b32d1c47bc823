/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A broker that can be measured: how it is started and how its name server's address is learned. */
sealed interface BrokerKind
        permits BrokerKind.Null, BrokerKind.RocketMq, BrokerKind.PolyMq, PolyMqGroup, RocketMqReplicated {
    /** How long brokers may take to start, on a busy machine too. */
    Duration READY = Duration.ofMinutes(5);

    /** How the tables call it. */
    String name();

    /** Whether messages can be consumed from it. */
    boolean stores();

    /** Starts it on an empty or earlier used directory and returns once it accepts. */
    Running start(Layout layout, Path directory) throws IOException, InterruptedException;

    /**
     * Reads a name from the command line: {@code null}, {@code rocketmq}, {@code polymq}, or {@code NAME=CHECKOUT} for
     * PolyMQ of another checkout; {@code polymq-group} and {@code rocketmq-sync} are several processes. Words of the
     * form {@code key=value} after a comma-free '+' become {@code --set} options.
     */
    static BrokerKind parse(String text) {
        String[] parts = text.split("\\+", -1);
        List<String> settings = List.of(parts).subList(1, parts.length);
        return switch (parts[0]) {
            case "null" -> new Null();
            case "rocketmq" -> new RocketMq();
            case "rocketmq-sync" -> new RocketMqReplicated();
            case "polymq-group" -> new PolyMqGroup(text, settings);
            case "polymq" -> new PolyMq(text, null, settings);
            default -> {
                int equals = parts[0].indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException("no broker '" + text
                            + "': there are null, rocketmq, rocketmq-sync, polymq, polymq-group and NAME=CHECKOUT");
                }
                yield new PolyMq(parts[0].substring(0, equals), Path.of(parts[0].substring(equals + 1)), settings);
            }
        };
    }

    /**
     * A broker that accepts.
     *
     * @param child its process, or the one of its nodes that was started first
     * @param others its other nodes
     * @param nameServer address of its name server
     * @param readyMillis from the start of the process until it said that it is ready
     */
    record Running(Child child, List<Child> others, String nameServer, long readyMillis) implements AutoCloseable {
        Running(Child child, String nameServer, long readyMillis) {
            this(child, List.of(), nameServer, readyMillis);
        }

        /** Of all its nodes. */
        ProcStat stat() {
            return new ProcStat(Stream.concat(Stream.of(child), others.stream())
                    .map(Child::pid)
                    .toList());
        }

        @Override
        public void close() {
            others.forEach(Child::close);
            child.close();
        }
    }

    /** Accepts and acknowledges, stores nothing: what the client and the network alone cost. */
    record Null() implements BrokerKind {
        @Override
        public String name() {
            return "null";
        }

        @Override
        public boolean stores() {
            return false;
        }

        @Override
        public Running start(Layout layout, Path directory) throws IOException, InterruptedException {
            long start = System.nanoTime();
            Child child = Child.java(
                    directory.resolve("null.log"),
                    List.of("-Xms128m", "-Xmx128m", "-XX:+UseSerialGC"),
                    layout.ownClassPath(),
                    "org.polymq.bench.nullbroker.NullBroker");
            return running(child, child.await(Duration.ofSeconds(30), "READY"), start);
        }
    }

    /** RocketMQ 5.5.0, name server and broker in one JVM, with its defaults. */
    record RocketMq() implements BrokerKind {
        @Override
        public String name() {
            return "rocketmq";
        }

        @Override
        public boolean stores() {
            return true;
        }

        @Override
        public Running start(Layout layout, Path directory) throws IOException, InterruptedException {
            long start = System.nanoTime();
            Child child = launch(layout, directory);
            return running(child, child.await(READY, "READY"), start);
        }

        /** Starts the program; {@code more} goes with its directory. */
        static Child launch(Layout layout, Path directory, String... more) throws IOException {
            List<String> arguments = new ArrayList<>(List.of(directory.toString()));
            arguments.addAll(List.of(more));
            List<String> options = List.of(
                    "-Xms2g",
                    "-Xmx2g",
                    "-XX:+UseG1GC",
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                    "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
            return Child.java(
                    Files.createDirectories(directory).resolve("rocketmq.log"),
                    options,
                    layout.peerClassPath(),
                    "org.polymq.bench.peer.RocketMqPeer",
                    arguments.toArray(String[]::new));
        }
    }

    /**
     * PolyMQ as its users start it, with default settings.
     *
     * @param name how the tables call it
     * @param checkout where its {@code bin/polymq} is; null for this checkout
     * @param settings more {@code --set} options
     */
    record PolyMq(String name, @Nullable Path checkout, List<String> settings) implements BrokerKind {
        private static final Pattern NAME_SERVER =
                Pattern.compile("(?i).*name ?server.*?(\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+).*");

        @Override
        public boolean stores() {
            return true;
        }

        @Override
        public Running start(Layout layout, Path directory) throws IOException, InterruptedException {
            long start = System.nanoTime();
            Child child = launch(checkout == null ? layout.root() : checkout, directory, settings);
            long readyMillis = (System.nanoTime() - start) / 1_000_000;
            return new Running(child, address(child, NAME_SERVER, "name server"), readyMillis);
        }

        /** Where a started server listens, from its ready lines: the pattern's first group. */
        static String address(Child child, Pattern pattern, String what) throws InterruptedException {
            for (String line = child.poll(Duration.ofSeconds(5));
                    line != null;
                    line = child.poll(Duration.ofSeconds(5))) {
                Matcher matcher = pattern.matcher(line);
                if (matcher.matches()) {
                    return matcher.group(1);
                }
            }
            throw new IllegalStateException("PolyMQ's ready lines name no " + what);
        }

        /** Starts the server of a checkout on free ports and returns when it is ready. */
        static Child launch(Path checkout, Path directory, List<String> settings)
                throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of(
                    checkout.resolve("bin/polymq").toString(),
                    "start",
                    "--data",
                    directory.resolve("data").toString()));
            for (String port :
                    List.of("nameserver.port", "native.port", "mqtt.port", "mqtt.websocket-port", "dashboard.port")) {
                command.addAll(List.of("--set", port + "=0"));
            }
            settings.forEach(setting -> command.addAll(List.of("--set", setting)));
            Files.createDirectories(directory);
            Child child = Child.start(directory.resolve("polymq.log"), command);
            child.await(READY, "PolyMQ ready");
            return child;
        }
    }

    static Running running(Child child, String readyLine, long start) {
        long readyMillis = (System.nanoTime() - start) / 1_000_000;
        return new Running(child, readyLine.substring(readyLine.indexOf('=') + 1), readyMillis);
    }
}
