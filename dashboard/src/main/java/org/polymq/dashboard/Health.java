/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether this process can serve. Checks are asked at each request and have to answer at once. Safe from any thread if
 * the checks are.
 */
public record Health(List<Check> checks) {

    public Health {
        checks = List.copyOf(checks);
    }

    /**
     * One thing that has to hold for the process to be ready.
     *
     * @param name short, lower case, such as {@code storage}
     * @param problem what is wrong in one sentence; empty while all is well
     */
    public record Check(String name, Supplier<Optional<String>> problem) {}

    /** The answer to one request. */
    record Report(boolean ready, String json) {}

    Report report() {
        boolean ready = true;
        StringBuilder rows = new StringBuilder();
        for (Check check : checks) {
            Optional<String> problem = check.problem().get();
            ready &= problem.isEmpty();
            rows.append(rows.isEmpty() ? "" : ",")
                    .append(quote(check.name()))
                    .append(problem.map(text -> ":{\"status\":\"DOWN\",\"problem\":" + quote(text) + "}")
                            .orElse(":{\"status\":\"UP\"}"));
        }
        return new Report(ready, "{\"status\":\"" + (ready ? "UP" : "DOWN") + "\",\"checks\":{" + rows + "}}\n");
    }

    private static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
