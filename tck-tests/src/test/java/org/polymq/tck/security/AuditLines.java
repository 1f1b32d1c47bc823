/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The lines of a server's audit log. */
final class AuditLines {
    private static final Pattern FIELDS =
            Pattern.compile("\"time\":\"[^\"]+\",\"event\":\"([^\"]*)\",\"user\":\"([^\"]*)\","
                    + "\"protocol\":\"([^\"]*)\",\"address\":\"([^\"]*)\",\"what\":\"((?:[^\"\\\\]|\\\\.)*)\"(.*)\\}");

    private final Path directory;

    /**
     * One line.
     *
     * @param rest its details, JSON
     */
    record Line(String event, String user, String protocol, String address, String what, String rest) {}

    AuditLines(Path directory) {
        this.directory = directory;
    }

    /** All whole lines so far, oldest file first. */
    List<Line> all() {
        List<Line> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                for (String text : Files.readAllLines(file)) {
                    Matcher fields = FIELDS.matcher(text);
                    if (fields.find()) {
                        lines.add(new Line(
                                fields.group(1),
                                fields.group(2),
                                fields.group(3),
                                fields.group(4),
                                fields.group(5),
                                fields.group(6)));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    /** How many lines there are of an event by a user over a protocol. */
    long count(String event, String user, String protocol) {
        return all().stream()
                .filter(line -> line.event().equals(event)
                        && line.user().equals(user)
                        && line.protocol().equals(protocol))
                .count();
    }
}
