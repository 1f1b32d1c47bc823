/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The names of a log's files. */
final class LogFiles {
    private static final Pattern SEGMENT = Pattern.compile("(\\d{10})\\.segment");
    private static final Pattern INDEX = Pattern.compile("(\\d{10})\\.index");
    private static final Pattern SNAPSHOT = Pattern.compile("(\\d{20})\\.snapshot");
    private static final Pattern FOLDER = Pattern.compile("(\\d{20})\\.files");
    private static final String TEMPORARY = ".tmp";

    private final Path directory;
    private final Disk disk;

    LogFiles(Path directory, Disk disk) {
        this.directory = directory;
        this.disk = disk;
    }

    Path directory() {
        return directory;
    }

    Disk disk() {
        return disk;
    }

    Path segment(long number) {
        return directory.resolve(String.format(Locale.ROOT, "%010d.segment", number));
    }

    Path index(long number) {
        return directory.resolve(String.format(Locale.ROOT, "%010d.index", number));
    }

    Path snapshot(long position) {
        return directory.resolve(String.format(Locale.ROOT, "%020d.snapshot", position));
    }

    /** What belongs to a snapshot and is not in its file. */
    Path folder(long position) {
        return directory.resolve(String.format(Locale.ROOT, "%020d.files", position));
    }

    Path reserve() {
        return directory.resolve("reserve");
    }

    /** Where a file is written before it gets its name. */
    Path temporary(Path file) {
        return directory.resolve(file.getFileName() + TEMPORARY);
    }

    /** Segment numbers, rising. */
    List<Long> segments() throws IOException {
        return numbers(SEGMENT);
    }

    List<Long> indexes() throws IOException {
        return numbers(INDEX);
    }

    /** Positions of the snapshots, rising. */
    List<Long> snapshots() throws IOException {
        return numbers(SNAPSHOT);
    }

    /** Positions of the snapshots that have or had a folder, rising. */
    List<Long> folders() throws IOException {
        return numbers(FOLDER);
    }

    /** Deletes a snapshot: its file first, so that it never counts without its folder. */
    void deleteSnapshot(long position) throws IOException {
        disk.delete(snapshot(position));
        StateFolder.delete(folder(position));
    }

    private List<Long> numbers(Pattern pattern) throws IOException {
        return names().map(pattern::matcher)
                .filter(Matcher::matches)
                .map(name -> Long.valueOf(name.group(1)))
                .sorted()
                .toList();
    }

    private Stream<String> names() throws IOException {
        return disk.list(directory).stream();
    }

    void deleteTemporary() throws IOException {
        for (String name : names().filter(n -> n.endsWith(TEMPORARY)).toList()) {
            disk.delete(directory.resolve(name));
        }
    }
}
