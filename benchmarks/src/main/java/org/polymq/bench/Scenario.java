/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One row of the tables: what a load process is asked to do.
 *
 * @param name how it is asked for on the command line
 * @param command the load's word for it
 * @param settings what goes with it
 * @param stored whether the broker has to keep messages for it
 */
record Scenario(String name, String command, Fields settings, boolean stored) {
    /** Everything that can be asked for, in the order of the tables. */
    static final List<Scenario> ALL = List.of(
            send(1, 128),
            send(16, 128),
            send(64, 128),
            send(1, 1024),
            send(16, 1024),
            send(64, 1024),
            send(16, 4096),
            new Scenario("batch-16x128", "batch", Fields.parse("batch=16 size=128 threads=4"), false),
            new Scenario("batch-32x1k", "batch", Fields.parse("batch=32 size=1024 threads=4"), false),
            new Scenario("drain-1k", "drain", Fields.parse("size=1024 messages=200000"), true),
            new Scenario("drain-128", "drain", Fields.parse("size=128 messages=200000"), true),
            new Scenario("lite-1k", "lite", Fields.parse("size=1024 messages=200000"), true),
            new Scenario("latency-1k", "latency", Fields.parse("size=1024 rate=1000"), true));

    /** The rows of a short run. */
    static final List<String> DEFAULT =
            List.of("send-1x1k", "send-16x1k", "send-64x1k", "batch-16x128", "drain-1k", "latency-1k");

    /**
     * Reads names separated by commas; {@code default} and {@code all} are names too.
     *
     * @throws IllegalArgumentException for an unknown name, naming the known ones
     */
    static List<Scenario> parse(String names) {
        List<Scenario> chosen = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            switch (name) {
                case "all" -> chosen.addAll(ALL);
                case "default" -> DEFAULT.forEach(each -> chosen.add(named(each)));
                default -> chosen.add(named(name));
            }
        }
        return chosen;
    }

    /**
     * Runs once; what has to be stored beforehand is sent first and not measured.
     *
     * @param round tells topics of different rounds apart
     */
    Fields run(Load load, int round, Fields overrides) throws IOException, InterruptedException {
        Fields all = settings.overriddenBy(overrides).with("topic", "bench-" + name + (stored ? "-" + round : ""));
        if (refills()) {
            load.run("fill", all.with("batch", 32).with("threads", 4));
        }
        return load.run(command, all);
    }

    private boolean refills() {
        return command.equals("drain") || command.equals("lite");
    }

    private static Scenario send(int threads, int size) {
        String label = size % 1024 == 0 ? size / 1024 + "k" : Integer.toString(size);
        Fields settings = new Fields(Map.of()).with("threads", threads).with("size", size);
        return new Scenario("send-" + threads + "x" + label, "send", settings, false);
    }

    private static Scenario named(String name) {
        return ALL.stream()
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario '" + name + "'; there are "
                        + ALL.stream().map(Scenario::name).toList() + ", default and all"));
    }
}
