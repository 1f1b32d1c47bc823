/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.Env;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.Priority;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * A RocksDB database without write-ahead log: what is in it counts only as part of a checkpoint. One memory budget
 * holds its write buffers, cached blocks, indexes and filters; one background thread compacts.
 *
 * <p>Safe from any thread; nothing may be called during or after {@link #close}.
 */
final class RocksStore implements AutoCloseable {
    private static final String TABLE = ".sst";

    private final Cache cache;
    private final WriteBufferManager buffers;
    private final BloomFilter filter = new BloomFilter(10);
    private final Options options;
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final RocksDB db;

    private RocksStore(Path directory, long memory) throws IOException {
        cache = new LRUCache(memory, 2);
        buffers = new WriteBufferManager(memory / 2, cache);
        Env env = Env.getDefault();
        env.setBackgroundThreads(1, Priority.LOW);
        env.setBackgroundThreads(0, Priority.HIGH);
        options = new Options()
                .setCreateIfMissing(true)
                .setEnv(env)
                .setMaxBackgroundJobs(1)
                .setWriteBufferManager(buffers)
                .setWriteBufferSize(memory / 4)
                .setTargetFileSizeBase(memory)
                .setMaxOpenFiles(256)
                .setSkipCheckingSstFileSizesOnDbOpen(true)
                .setAvoidFlushDuringShutdown(true)
                .setAllowMmapReads(false)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setKeepLogFileNum(1)
                .setMaxLogFileSize(1 << 20)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setCacheIndexAndFilterBlocks(true)
                        .setPinL0FilterAndIndexBlocksInCache(false)
                        .setFilterPolicy(filter));
        try {
            db = RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            closeOptions();
            throw failed("the large views in " + directory + " cannot be opened", e);
        }
    }

    /**
     * Opens a database that holds what a checkpoint holds, in place of what is in the directory.
     *
     * @param checkpoint its files, which stay as they are; null for an empty database
     * @param memory what it may take, bytes
     */
    static RocksStore open(Path directory, @Nullable Path checkpoint, long memory) throws IOException {
        NativeLibrary.load();
        discard(directory);
        Files.createDirectories(directory);
        if (checkpoint != null) {
            try (Stream<Path> files = Files.list(checkpoint)) {
                for (Path file : files.toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (name.endsWith(TABLE)) {
                        Files.createLink(directory.resolve(name), file);
                    } else {
                        Files.copy(file, directory.resolve(name));
                    }
                }
            }
        }
        return new RocksStore(directory, memory);
    }

    /** Deletes a database, or anything else that is a directory of files. */
    static void discard(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    byte @Nullable [] get(byte[] key) {
        try {
            return db.get(key);
        } catch (RocksDBException e) {
            throw new DiskMapException("the large views cannot be read", e);
        }
    }

    /** Entries from the first key on, in the order of their unsigned bytes, as of now. To be closed. */
    RocksIterator iterator() {
        return db.newIterator();
    }

    /** Adds an overlay's changes, all or none. */
    void write(Overlay changes) throws IOException {
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<byte[], byte[]> entry : changes.entries().entrySet()) {
                if (entry.getValue() == Overlay.GONE) {
                    batch.delete(entry.getKey());
                } else {
                    batch.put(entry.getKey(), entry.getValue());
                }
            }
            db.write(unlogged, batch);
        } catch (RocksDBException e) {
            throw failed("the large views cannot be written", e);
        }
    }

    /** Makes a directory, which is not there yet, that holds what the database holds now: mostly hard links. */
    void checkpoint(Path directory) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(directory.toString());
        } catch (RocksDBException e) {
            throw failed("no checkpoint of the large views can be made in " + directory, e);
        }
    }

    @Override
    public void close() {
        db.close();
        closeOptions();
    }

    private void closeOptions() {
        unlogged.close();
        options.close();
        filter.close();
        buffers.close();
        cache.close();
    }

    private static IOException failed(String what, RocksDBException cause) {
        return new IOException(what + ": " + cause.getMessage(), cause);
    }
}
