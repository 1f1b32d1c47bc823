/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.storage.snapshot.Snapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the whole log by the snapshot that another node sent, before the log is opened. A mark on disk makes that a
 * crash in the middle begins it again.
 */
final class Adoption {
    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);
    private static final List<String> REPLACED = List.of(".segment", ".index", ".snapshot", ".files", ".tmp");

    private final Path directory;
    private final Path mark;
    private final Path snapshots;
    private final Path log;

    /**
     * Of one node.
     *
     * @param directory the engine's
     * @param log the log's
     */
    Adoption(Path directory, Path log) {
        this.directory = directory;
        this.mark = directory.resolve("adopt");
        this.snapshots = directory.resolve("snapshot");
        this.log = log;
    }

    /** From now on the next start adopts the newest snapshot. */
    void request() throws IOException {
        if (!Files.exists(mark)) {
            Files.createFile(mark);
        }
        force(directory);
    }

    /** Index of the last entry of the newest snapshot; 0 if there is none. */
    long newest() throws IOException {
        if (!Files.isDirectory(snapshots)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(snapshots)) {
            return all.map(each -> each.getFileName().toString())
                    .filter(name -> name.startsWith(Snapshot.JRAFT_SNAPSHOT_PREFIX))
                    .mapToLong(name -> Long.parseLong(name.substring(Snapshot.JRAFT_SNAPSHOT_PREFIX.length())))
                    .max()
                    .orElse(0);
        }
    }

    /** Does it, if it was requested. */
    void run() throws IOException {
        long index = newest();
        if (!Files.exists(mark) || index == 0) {
            return;
        }
        Path snapshot = snapshots.resolve(Snapshot.JRAFT_SNAPSHOT_PREFIX + index);
        LOG.info("The log in {} is replaced by the snapshot of entry {} that another node sent", log, index);
        Files.createDirectories(log);
        removeOld();
        for (Path each : SnapshotStage.files(snapshot)) {
            Path name = snapshot.relativize(each);
            if (!name.toString().equals(Snapshot.JRAFT_SNAPSHOT_META_FILE)) {
                Path target = log.resolve(name);
                Files.createDirectories(target.getParent());
                force(each);
                Files.createLink(target, each);
            }
        }
        force(log);
        Files.delete(mark);
        force(directory);
    }

    private void removeOld() throws IOException {
        List<Path> old;
        try (Stream<Path> all = Files.list(log)) {
            old = all.filter(each -> REPLACED.stream().anyMatch(each.toString()::endsWith)
                            || Optional.ofNullable(each.getFileName())
                                    .map(Path::toString)
                                    .orElse("")
                                    .equals("views"))
                    .toList();
        }
        for (Path each : old) {
            if (Files.isDirectory(each)) {
                SnapshotStage.delete(each);
            } else {
                Files.delete(each);
            }
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
