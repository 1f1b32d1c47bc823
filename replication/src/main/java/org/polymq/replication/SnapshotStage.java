/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.polymq.storage.Log;
import org.polymq.storage.SegmentInfo;

/**
 * The files of one snapshot of the log, gathered as hard links: the state, and every segment at or below it with its
 * index. Nothing is copied.
 *
 * @param last the last entry in it
 */
record SnapshotStage(Path directory, LogId last) {
    /**
     * Gathers the snapshot at a position. While nothing that it needs is deleted.
     *
     * @param into a directory of this snapshot alone: the one before may be on its way to the engine
     */
    static SnapshotStage gather(Log log, Path logDirectory, long position, Path into, LogId last) throws IOException {
        try {
            return link(log, logDirectory, position, into, last);
        } catch (IOException e) {
            delete(into);
            throw e;
        }
    }

    private static SnapshotStage link(Log log, Path logDirectory, long position, Path into, LogId last)
            throws IOException {
        delete(into);
        Files.createDirectories(into);
        for (SegmentInfo segment : log.sealedSegments()) {
            if (segment.end() <= position) {
                String name = String.format(Locale.ROOT, "%010d", segment.number());
                link(logDirectory, into, name + ".segment");
                link(logDirectory, into, name + ".index");
            }
        }
        String state = String.format(Locale.ROOT, "%020d", position);
        link(logDirectory, into, state + ".snapshot");
        Path folder = logDirectory.resolve(state + ".files");
        if (Files.isDirectory(folder)) {
            for (Path each : files(folder)) {
                link(logDirectory, into, logDirectory.relativize(each).toString());
            }
        }
        return new SnapshotStage(into, last);
    }

    private static void link(Path from, Path into, String name) throws IOException {
        Path target = into.resolve(name);
        Files.createDirectories(target.getParent());
        Files.createLink(target, from.resolve(name));
    }

    /** Moves its files to where the engine writes a snapshot. */
    void moveInto(SnapshotWriter writer) throws IOException {
        Path into = Path.of(writer.getPath());
        for (Path each : files(directory)) {
            Path name = directory.relativize(each);
            Path target = into.resolve(name);
            Files.createDirectories(target.getParent());
            Files.move(each, target);
            writer.addFile(name.toString());
        }
    }

    /** All files below a directory. */
    static List<Path> files(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                found.add(file);
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    /** Deletes a directory with all in it, if it is there. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
