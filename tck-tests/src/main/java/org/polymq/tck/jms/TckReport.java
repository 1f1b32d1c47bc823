/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import java.util.List;
import java.util.Locale;

/** The figures of a run, as text. Immutable. */
final class TckReport {
    private final List<TckResults> results;
    private final List<String> rerun;

    /** @param rerun the tests that were run a second time, in a fresh JVM on a fresh broker */
    TckReport(List<TckResults> results, List<String> rerun) {
        this.results = List.copyOf(results);
        this.rerun = List.copyOf(rerun);
    }

    int passed() {
        return results.stream().mapToInt(each -> each.passed().size()).sum();
    }

    int failed() {
        return results.stream().mapToInt(each -> each.failed().size()).sum();
    }

    /** A table of the packages, what failed, and what was run again. */
    String text() {
        StringBuilder text =
                new StringBuilder("| package | tests | passed | failed | seconds |\n|---|---|---|---|---|\n");
        for (String name : TckClasses.PACKAGES) {
            List<TckResults> inPackage = results.stream()
                    .filter(each -> TckClasses.packageOf(each.name()).equals(name))
                    .toList();
            if (!inPackage.isEmpty()) {
                appendRow(text, name, inPackage);
            }
        }
        appendRow(text, "all", results);
        results.forEach(each -> each.failed()
                .forEach(failure -> text.append("FAILED ")
                        .append(each.name())
                        .append('#')
                        .append(failure.method())
                        .append("  ")
                        .append(failure.message())
                        .append('\n')));
        rerun.forEach(test -> text.append("run again in a fresh JVM on a fresh broker: ")
                .append(test)
                .append('\n'));
        return text.toString();
    }

    /** A table of the classes, in alphabetical order. */
    String classes() {
        StringBuilder text =
                new StringBuilder("| class | tests | passed | failed | seconds |\n|---|---|---|---|---|\n");
        results.stream()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .forEach(each -> appendRow(text, each.name().replace("com.sun.ts.tests.jms.", ""), List.of(each)));
        return text.toString();
    }

    private static void appendRow(StringBuilder text, String name, List<TckResults> rows) {
        text.append(String.format(
                Locale.ROOT,
                "| %s | %d | %d | %d | %.0f |%n",
                name,
                rows.stream().mapToInt(TckResults::tests).sum(),
                rows.stream().mapToInt(each -> each.passed().size()).sum(),
                rows.stream().mapToInt(each -> each.failed().size()).sum(),
                rows.stream().mapToDouble(TckResults::seconds).sum()));
    }
}
