/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes a log's files to another directory while the log goes on: what a kill at one moment would have left, with all
 * that was stored by then. Opening it recovers it like that. Files that never change any more are hard links where that
 * is possible, so a backup on the log's own disk takes hardly any space or time.
 */
public final class LogBackup {
    /** Newer segments are copied: in a group the entries at their end may still be taken back. */
    private static final int COPIED_SEGMENTS = 2;

    private final Log log;
    private final LogFiles files;
    private final Path into;

    private LogBackup(Log log, LogFiles files, Path into) {
        this.log = log;
        this.files = files;
        this.into = into;
    }

    /**
     * Writes one.
     *
     * @param directory the log's
     * @param into an existing directory
     * @return the log position up to which it has everything
     * @throws NoSuchFileException if retention removed a file meanwhile: to be tried again from the beginning
     */
    public static long write(Log log, Path directory, Path into) throws IOException {
        return new LogBackup(log, new LogFiles(directory, new NioDisk()), into).write();
    }

    private long write() throws IOException {
        List<Long> snapshots = files.snapshots();
        for (long position : snapshots) {
            keep(files.snapshot(position));
            keepAll(files.folder(position));
        }
        long linked = log.newestSegment() - COPIED_SEGMENTS;
        for (long number : files.segments()) {
            if (number <= linked) {
                keep(files.segment(number));
                if (Files.exists(files.index(number))) {
                    keep(files.index(number));
                }
            }
        }
        // The end last: it says what was removed and cleaned until now.
        long newest = log.newestSegment();
        long end = log.end();
        if (log.newestSegment() != newest) {
            throw new NoSuchFileException("a segment ended just now");
        }
        for (long number = Math.max(1, linked + 1); number <= newest; number++) {
            if (number == newest || Files.exists(files.segment(number))) {
                copy(files.segment(number), end);
            }
        }
        // What was removed since is not needed by a snapshot that is still kept.
        if (!snapshots.isEmpty() && !Files.exists(files.snapshot(snapshots.get(snapshots.size() - 1)))) {
            throw new NoSuchFileException(
                    files.snapshot(snapshots.get(snapshots.size() - 1)).toString());
        }
        forceAll();
        return end;
    }

    /** A hard link, or a copy where there can be none. */
    private void keep(Path file) throws IOException {
        link(file, into.resolve(files.directory().relativize(file)));
    }

    private void keepAll(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            linkAll(folder, into.resolve(files.directory().relativize(folder)));
        }
    }

    /** Links, or copies, all files below a directory. */
    public static void linkAll(Path from, Path to) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> found = Files.walk(from)) {
            found.filter(Files::isRegularFile).forEach(all::add);
        }
        for (Path each : all) {
            link(each, to.resolve(from.relativize(each)));
        }
    }

    private static void link(Path file, Path target) throws IOException {
        Path parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createLink(target, file);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException otherDisk) {
            Files.copy(file, target);
        }
    }

    /** Copies a segment that may be written to, up to a log position; behind it are zeros, as in one that is new. */
    private void copy(Path segment, long end) throws IOException {
        try (FileChannel from = FileChannel.open(segment, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(
                        into.resolve(files.directory().relativize(segment)),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE)) {
            ByteBuffer head = ByteBuffer.allocate(SegmentHeader.SIZE);
            from.read(head, 0);
            SegmentHeader header = SegmentHeader.decode(head.flip());
            if (header == null) {
                throw new IOException(segment + " has no header");
            }
            long length = Math.min(from.size(), Math.max(0, end - header.start()));
            for (long at = 0; at < length; ) {
                at += from.transferTo(at, length - at, to.position(at));
            }
            if (from.size() > length) {
                to.write(ByteBuffer.allocate(1), from.size() - 1);
            }
        }
    }

    private void forceAll() throws IOException {
        try (Stream<Path> all = Files.walk(into)) {
            for (Path each : all.toList()) {
                try (FileChannel channel = FileChannel.open(each, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        }
    }
}
