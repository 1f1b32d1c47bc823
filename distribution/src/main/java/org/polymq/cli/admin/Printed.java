/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Shows an answer of the API: as JSON, as a table for a list of things, or as lines for one thing. */
public final class Printed {
    private Printed() {}

    public static void print(PrintWriter out, JsonNode answer, boolean json) {
        if (json) {
            out.println(answer);
        } else if (answer.size() == 1 && answer.elements().next().isArray()) {
            table(out, answer.elements().next());
        } else if (answer.path("done").asBoolean()) {
            out.println("done");
        } else {
            lines(out, answer);
        }
        out.flush();
    }

    private static void lines(PrintWriter out, JsonNode thing) {
        for (Map.Entry<String, JsonNode> field : thing.properties()) {
            JsonNode value = field.getValue();
            if (value.isArray() && !value.isEmpty() && value.get(0).isObject()) {
                out.println(field.getKey() + ":");
                table(out, value);
            } else if (value.isObject()) {
                out.println(field.getKey() + ":");
                for (Map.Entry<String, JsonNode> part : value.properties()) {
                    out.printf("  %-18s %s%n", part.getKey(), text(part.getValue()));
                }
            } else {
                out.printf("%-16s %s%n", field.getKey(), text(value));
            }
        }
    }

    private static void table(PrintWriter out, JsonNode things) {
        Set<String> columns = new LinkedHashSet<>();
        things.forEach(thing -> thing.fieldNames().forEachRemaining(columns::add));
        if (columns.isEmpty()) {
            out.println("none");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.copyOf(columns));
        for (JsonNode thing : things) {
            rows.add(columns.stream().map(column -> text(thing.path(column))).toList());
        }
        int[] widths = new int[columns.size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /** In one line; control characters, which a client may have put into a name, are shown as escapes. */
    static String text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "-";
        }
        if (value.isArray()) {
            List<String> parts = new ArrayList<>();
            value.forEach(part -> parts.add(text(part)));
            return parts.isEmpty() ? "-" : String.join("; ", parts);
        }
        if (value.isObject()) {
            List<String> parts = new ArrayList<>();
            value.properties().forEach(part -> parts.add(part.getKey() + "=" + text(part.getValue())));
            return parts.isEmpty() ? "-" : String.join(", ", parts);
        }
        StringBuilder safe = new StringBuilder();
        value.asText().codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                safe.append(String.format("\\u%04x", c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }
}
