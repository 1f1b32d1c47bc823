/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects figures by scenario, broker and round and prints medians and ratios. Confined to one thread. */
final class Report {
    private static final List<String> COLUMNS = List.of(
            "rate",
            "broker_cpu_us",
            "leader_cpu_us",
            "client_cpu_us",
            "ack_p50_us",
            "ack_p99_us",
            "e2e_p50_us",
            "e2e_p99_us",
            "failed",
            "missing",
            "conn_anon_kb",
            "rss_anon_mb",
            "rss_file_mb",
            "ready_ms",
            "cpu_ms",
            "open_s",
            "open_cpu_us",
            "reopen_s",
            "reopen_cpu_us");

    private final PrintStream out;
    private final Map<String, Map<String, List<Fields>>> figures = new LinkedHashMap<>();

    Report(PrintStream out) {
        this.out = out;
    }

    void add(String scenario, String broker, int round, Fields result) {
        out.printf("  round %d  %-14s %-18s %s%n", round, scenario, broker, result);
        figures.computeIfAbsent(scenario, s -> new LinkedHashMap<>())
                .computeIfAbsent(broker, b -> new ArrayList<>())
                .add(result);
    }

    /** Prints one table: medians over the rounds, and each figure of the other brokers divided by the first one's. */
    void print() {
        out.println();
        List<String> columns = COLUMNS.stream()
                .filter(column -> figures.values().stream()
                        .flatMap(brokers -> brokers.values().stream())
                        .flatMap(List::stream)
                        .anyMatch(round -> round.has(column)))
                .toList();
        out.println("Medians over the rounds; the ratio in brackets is to the first broker of the row's scenario.");
        out.printf("%-14s %-18s", "scenario", "broker");
        columns.forEach(column -> out.printf(" %20s", column));
        out.println();
        figures.forEach((scenario, brokers) -> {
            Map<String, Double> base = medians(brokers.values().iterator().next());
            brokers.forEach((broker, rounds) -> {
                Map<String, Double> medians = medians(rounds);
                out.printf("%-14s %-18s", scenario, broker);
                columns.forEach(column -> out.printf(" %20s", cell(medians.get(column), base.get(column))));
                out.println();
            });
        });
    }

    /** Prints what a replicated broker's rate is of a single one's, for each scenario that has both. */
    void printShare(String replicated, String single) {
        figures.forEach((scenario, brokers) -> {
            Double rate = rate(brokers, replicated);
            Double alone = rate(brokers, single);
            if (rate != null && alone != null && alone > 0) {
                out.printf(
                        Locale.ROOT,
                        "%s: %s has %.0f %% of the rate of %s%n",
                        scenario,
                        replicated,
                        100 * rate / alone,
                        single);
            }
        });
    }

    private static @Nullable Double rate(Map<String, List<Fields>> brokers, String broker) {
        List<Fields> rounds = brokers.get(broker);
        return rounds == null ? null : medians(rounds).get("rate");
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static Map<String, Double> medians(List<Fields> rounds) {
        Map<String, Double> medians = new LinkedHashMap<>();
        for (String column : COLUMNS) {
            List<Double> values = rounds.stream()
                    .filter(round -> round.has(column))
                    .map(round -> round.decimal(column, 0))
                    .toList();
            if (!values.isEmpty()) {
                medians.put(column, median(values));
            }
        }
        return medians;
    }

    private static String cell(@Nullable Double value, @Nullable Double base) {
        if (value == null) {
            return "-";
        }
        String text = String.format(Locale.ROOT, value < 1_000 ? "%.1f" : "%,.0f", value);
        return base == null || base == 0 || value.equals(base)
                ? text
                : text + String.format(Locale.ROOT, " (x%.2f)", value / base);
    }
}
