/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.io.Closeable;
import java.io.DataInput;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.StateFiles;
import org.polymq.storage.StateImage;

/**
 * A sorted map for the views that grow with devices and messages: in memory while it is small, in RocksDB beyond that.
 * Keys are compared as unsigned bytes. Neither keys nor values may be changed after they were given or taken.
 *
 * <p>Changed by apply only (one thread at a time), and saved and loaded with the other views. Changes stay in a small
 * overlay in memory until it is full; then a thread of its own moves it into RocksDB. Reads are safe from any thread
 * and see every change that completed before them; they may wait for the disk.
 */
public final class DiskMap implements Closeable {
    /** {@link #image} wrote all entries. */
    private static final byte IN_MEMORY = 0;
    /** {@link #saveFiles} has them. */
    private static final byte IN_FILES = 1;

    private final Path directory;
    private final long memory;
    private final long overlayLimit;
    /** Held to read while RocksDB may be used, to write when it is opened or closed. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    /** What is in memory, the newest first. The first is apply's. */
    private volatile List<Overlay> overlays = List.of(new Overlay());

    private volatile @Nullable RocksStore store;
    private @Nullable Spill spill;
    /** Whether anything is, or is on its way, below the first overlay. Confined to apply. */
    private boolean spilled;

    /**
     * @param directory where RocksDB works; whatever is in it is replaced, never read
     * @param memory what RocksDB may take, bytes; an eighth more for each of up to four overlays
     */
    public DiskMap(Path directory, long memory) {
        this.directory = directory;
        this.memory = memory;
        this.overlayLimit = memory / 8;
    }

    /**
     * Loads the native library, which unpacks it beside the installation if it is not there yet: for installers, whose
     * servers may not write there.
     *
     * @throws IOException if there is none for this system; maps then work as long as they fit into memory
     */
    public static void prepare() throws IOException {
        NativeLibrary.load();
    }

    /** The value of a key, or null. */
    public byte @Nullable [] get(byte[] key) {
        for (Overlay overlay : overlays) {
            byte[] value = overlay.get(key);
            if (value != null) {
                return value == Overlay.GONE ? null : value;
            }
        }
        if (store == null) {
            return null;
        }
        use.readLock().lock();
        try {
            RocksStore below = store;
            return below == null ? null : below.get(key);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Part of apply. The value must not be {@link Overlay#GONE}, which nobody else has. */
    public void put(byte[] key, byte[] value) {
        overlays.get(0).put(key, value);
        spillIfFull();
    }

    /** Part of apply. */
    public void remove(byte[] key) {
        Overlay newest = overlays.get(0);
        if (spilled) {
            newest.put(key, Overlay.GONE);
            spillIfFull();
        } else {
            newest.forget(key);
        }
    }

    /**
     * Part of apply: removes a key that was put at most once ever, as one that holds a log position is. What comes and
     * goes quickly never reaches the disk.
     */
    public void removeUnique(byte[] key) {
        if (!overlays.get(0).forget(key)) {
            remove(key);
        }
    }

    /** Reads entries in order; to be closed, by the same thread. */
    public Cursor cursor() {
        List<Overlay> above = overlays; // before the store: what leaves an overlay is in the store already
        use.readLock().lock();
        RocksStore below = store;
        return new Cursor(above, below == null ? null : below.iterator(), use.readLock());
    }

    private void spillIfFull() {
        if (overlays.get(0).bytes() > overlayLimit) {
            freeze();
        }
    }

    /** Hands the newest overlay over. Waits if the disk does not keep up. */
    private Spill freeze() {
        Spill to = spill;
        if (to == null) {
            to = new Spill(this);
            spill = to;
        }
        spilled = true;
        Overlay full = overlays.get(0);
        if (full.bytes() > 0) {
            push();
            to.write(full);
        }
        return to;
    }

    private synchronized void push() {
        Overlay[] longer = new Overlay[overlays.size() + 1];
        longer[0] = new Overlay();
        for (int i = 1; i < longer.length; i++) {
            longer[i] = overlays.get(i - 1);
        }
        overlays = List.of(longer);
    }

    /** The oldest overlay is in the store now. */
    private synchronized void pop() {
        overlays = overlays.subList(0, overlays.size() - 1).stream().toList();
    }

    /** Moves an overlay, the oldest, into the store. The spill's thread. */
    void store(Overlay oldest) throws IOException {
        opened().write(oldest);
        pop();
    }

    /** The store, opened if need be. The spill's thread, or before there is one. */
    RocksStore opened() throws IOException {
        RocksStore now = store;
        return now == null ? open(null) : now;
    }

    private RocksStore open(@Nullable Path checkpoint) throws IOException {
        RocksStore opened = RocksStore.open(directory, checkpoint, memory);
        use.writeLock().lock();
        try {
            store = opened;
        } finally {
            use.writeLock().unlock();
        }
        return opened;
    }

    /** Where a checkpoint is made before it gets its place. */
    Path checkpoint(long number) {
        return directory.resolveSibling(checkpointPrefix() + number);
    }

    private String checkpointPrefix() {
        return directory.getFileName() + ".checkpoint-";
    }

    /** Checkpoints that no snapshot took. */
    private void discardCheckpoints() throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, checkpointPrefix() + "*")) {
            for (Path each : found) {
                RocksStore.discard(each);
            }
        }
    }

    /** Part of a snapshot: all entries if they are in memory. */
    public StateImage image() {
        if (spilled) {
            return out -> out.writeByte(IN_FILES);
        }
        List<byte[]> entries = new ArrayList<>(); // keys and values do not change
        overlays.get(0).entries().forEach((key, value) -> {
            entries.add(key);
            entries.add(value);
        });
        return out -> {
            out.writeByte(IN_MEMORY);
            out.writeInt(entries.size() / 2);
            for (byte[] bytes : entries) {
                out.writeInt(bytes.length);
                out.write(bytes);
            }
        };
    }

    /** Part of a snapshot: a checkpoint as of now, if the entries are not all in memory. */
    public StateFiles saveFiles() {
        return spilled ? freeze().checkpoint() : StateFiles.NONE;
    }

    /** Part of recovery, before {@link #load}: what the directory held counts no more. */
    public void loadFiles(@Nullable Path files) throws IOException {
        closeStore();
        overlays = List.of(new Overlay());
        spilled = files != null;
        discardCheckpoints();
        if (files == null) {
            RocksStore.discard(directory);
        } else {
            open(files);
        }
    }

    /** Part of recovery. */
    public void load(DataInput in) throws IOException {
        byte where = in.readByte();
        if (where == IN_FILES && !spilled) {
            throw new IOException("the files of the large views are missing from the snapshot");
        }
        if (where == IN_MEMORY) {
            Overlay only = overlays.get(0);
            for (int n = in.readInt(); n > 0; n--) {
                only.put(bytes(in), bytes(in));
            }
        }
    }

    private static byte[] bytes(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    /** Whether RocksDB is in use. */
    public boolean isOnDisk() {
        return store != null;
    }

    /** After the log is closed. What is not in a snapshot is left to the log. */
    @Override
    public void close() {
        Spill running = spill;
        if (running != null) {
            running.close();
        }
        closeStore();
    }

    private void closeStore() {
        use.writeLock().lock();
        try {
            RocksStore open = store;
            store = null;
            if (open != null) {
                open.close();
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
