/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.config.StorageConfig;
import org.polymq.dashboard.api.Call;
import org.polymq.dashboard.api.Route;
import org.polymq.storage.Log;
import org.polymq.storage.LogBackup;

/**
 * Backups of a server that goes on meanwhile: a directory each, which is a whole data directory to start with. Callers
 * name a backup and never a path. One at a time.
 */
final class Backups {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    /** Retention may take a file away while they are gathered. */
    private static final int ATTEMPTS = 5;
    /** What a data directory has beside the log, if it is there; the log's own mark of a run is left out. */
    private static final List<String> BESIDE = List.of("node.properties", "security.key", "nameserver.json");

    private static final String ENGINE = "raft";

    private final Path data;
    private final Path backups;
    private final Log log;
    private final ReentrantLock one = new ReentrantLock();

    /** Takes the name of a backup. */
    record Wanted(String name) {}

    /** @param position of the log up to which it has everything */
    record Made(String name, String directory, long position, long files, long bytes) {}

    Backups(StorageConfig storage, Log log) {
        this.data = storage.directory();
        this.backups = storage.backupDirectory();
        this.log = log;
    }

    Route route() {
        return Route.post("backups", "cluster backup", this::serve)
                .says(
                        "Writes a copy of this server's data, while it goes on, below storage.backup-directory. Needs MANAGE on"
                                + " the cluster.")
                .takes(Wanted.class)
                .gives(Made.class);
    }

    private void serve(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        String name = call.body(Wanted.class).name();
        if (name == null || !NAME.matcher(name).matches()) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "a backup's name has 1 to 64 letters, digits, dots, - or _ and begins with a letter or digit");
        }
        call.about("backup " + name);
        Thread thread = new Thread(
                () -> {
                    try {
                        Made made = make(name);
                        call.lane().execute(() -> reply.ok(made));
                    } catch (BrokerException e) {
                        call.lane().execute(() -> reply.failed(e));
                    } catch (IOException e) {
                        BrokerException failure = new BrokerException(
                                Reason.UNAVAILABLE, "the backup cannot be written: " + e.getMessage(), e);
                        call.lane().execute(() -> reply.failed(failure));
                    }
                },
                "polymq-backup");
        thread.setDaemon(true);
        thread.start();
    }

    private Made make(String name) throws IOException {
        if (!one.tryLock()) {
            throw new BrokerException(Reason.UNAVAILABLE, "another backup is being written");
        }
        try {
            Path into = backups.resolve(name);
            if (Files.exists(into)) {
                throw new BrokerException(
                        Reason.ALREADY_EXISTS, "there is a backup " + name + " already; delete its directory first");
            }
            Files.createDirectories(backups);
            Path unfinished = backups.resolve(name + ".unfinished");
            delete(unfinished);
            long position = write(unfinished);
            long bytes = 0;
            List<Path> files = files(unfinished);
            for (Path each : files) {
                bytes += Files.size(each);
            }
            Files.move(unfinished, into);
            return new Made(name, into.toAbsolutePath().toString(), position, files.size(), bytes);
        } finally {
            one.unlock();
        }
    }

    private long write(Path into) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.createDirectories(into);
                Path engine = data.resolve(ENGINE);
                if (Files.isDirectory(engine)) {
                    copyEngine(engine, into.resolve(ENGINE));
                }
                for (String each : BESIDE) {
                    if (Files.exists(data.resolve(each))) {
                        Files.copy(data.resolve(each), into.resolve(each));
                    }
                }
                long end = LogBackup.write(log, data, into);
                checkStillThere(into.resolve(ENGINE));
                return end;
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                delete(into);
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** The engine's votes are small; its snapshots are files of the log, which never change. */
    private static void copyEngine(Path engine, Path into) throws IOException {
        Files.createDirectories(into.resolve("meta"));
        for (Path each : files(engine.resolve("meta"))) {
            Files.copy(each, into.resolve(engine.relativize(each)));
        }
        Path mark = engine.resolve("catching-up");
        if (Files.exists(mark)) {
            Files.copy(mark, into.resolve("catching-up"));
        }
        Path snapshots = engine.resolve("snapshot");
        if (Files.isDirectory(snapshots)) {
            try (Stream<Path> all = Files.list(snapshots)) {
                for (Path each : all.filter(
                                path -> path.getFileName().toString().startsWith("snapshot_"))
                        .toList()) {
                    LogBackup.linkAll(each, into.resolve(engine.relativize(each)));
                }
            }
        }
    }

    /** The log keeps what follows on the engine's snapshots: on those that are there, not on those of before. */
    private void checkStillThere(Path copied) throws IOException {
        for (Path each : files(copied.resolve("snapshot"))) {
            Path original = data.resolve(ENGINE).resolve(copied.relativize(each));
            if (!Files.exists(original)) {
                throw new NoSuchFileException(original.toString());
            }
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
