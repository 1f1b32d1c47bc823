/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that keeps what was forced apart from what was only written, so that a power cut can drop, keep or
 * tear each unforced write and undo unforced names. It can be full, fail to write or force, and stop the process at any
 * operation. Safe from any thread.
 */
public final class SimulatedDisk implements Disk {
    private Map<String, SimulatedFile> names = new TreeMap<>();
    private Map<String, SimulatedFile> storedNames = new TreeMap<>();
    private final List<Map<String, SimulatedFile>> unforcedNames = new ArrayList<>();
    private long capacity = Long.MAX_VALUE;
    private long crashIn = Long.MAX_VALUE;
    private int failingWrites;
    private int failingForces;
    private boolean lyingForces;
    private int life;
    private boolean locked;
    private long operations;
    private Random tearing = new Random(0);

    /** Stops the process at the operation after so many others; a write is then done in part. */
    public synchronized void crashIn(long operationsFromNow, long seed) {
        crashIn = operationsFromNow;
        tearing = new Random(seed);
    }

    /** How many operations there were. */
    public synchronized long operations() {
        return operations;
    }

    /** The disk's size, bytes. */
    public synchronized void capacity(long bytes) {
        capacity = bytes;
    }

    /** The next writes fail. */
    public synchronized void failWrites(int count) {
        failingWrites = count;
    }

    /** The next forces fail, and what they should have stored is lost at the next power cut. */
    public synchronized void failForces(int count) {
        failingForces = count;
    }

    /** Forces say yes and do nothing, as some disks do. */
    public synchronized void lieAboutForces() {
        lyingForces = true;
    }

    /** Ends the process that uses the disk; what it wrote stays. */
    public synchronized void killProcess() {
        life++;
        locked = false;
        crashIn = Long.MAX_VALUE;
        failingWrites = 0;
        failingForces = 0;
    }

    /** Ends the process, and what was not forced is kept, lost or torn. */
    public synchronized void cutPower(Random random) {
        killProcess();
        int keptNames = random.nextInt(unforcedNames.size() + 1);
        if (keptNames > 0) {
            storedNames = unforcedNames.get(keptNames - 1);
        }
        unforcedNames.clear();
        names = new TreeMap<>(storedNames);
        names.values().forEach(file -> file.cutPower(random));
    }

    /** The file of that name, to damage it. */
    synchronized SimulatedFile file(String name) {
        SimulatedFile file = names.get(name);
        if (file == null) {
            throw new IllegalArgumentException("there is no file " + name);
        }
        return file;
    }

    /** Deletes a file at once and for good, as a person would. */
    public synchronized void lose(String name) {
        names.remove(name);
        storedNames = new TreeMap<>(names);
        unforcedNames.clear();
    }

    private void operation(int alive, String what) {
        operations++;
        if (alive != life) {
            throw new SimulatedCrash("the process is dead: " + what);
        }
        if (crashIn-- <= 0) {
            life++;
            throw new SimulatedCrash(what);
        }
    }

    private void changed() {
        unforcedNames.add(new TreeMap<>(names));
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    @Override
    public synchronized Closeable lock(Path directory) {
        if (locked) {
            throw new StorageException(StorageException.Reason.FAILED, "in use by a simulation");
        }
        locked = true;
        int mine = life;
        return () -> unlock(mine);
    }

    private synchronized void unlock(int mine) {
        if (mine == life) {
            locked = false;
        }
    }

    @Override
    public synchronized List<String> list(Path directory) {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized DiskFile open(Path file) throws IOException {
        operation(life, "open");
        SimulatedFile found = names.get(name(file));
        if (found == null) {
            found = new SimulatedFile();
            names.put(name(file), found);
            changed();
        }
        return new Handle(found, life);
    }

    @Override
    public synchronized DiskFile openToRead(Path file) throws IOException {
        SimulatedFile found = names.get(name(file));
        if (found == null) {
            throw new NoSuchFileException(file.toString());
        }
        return new Handle(found, life);
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        operation(life, "rename");
        SimulatedFile moved = names.remove(name(from));
        if (moved == null) {
            throw new NoSuchFileException(from.toString());
        }
        names.put(name(to), moved);
        changed();
    }

    @Override
    public synchronized void delete(Path file) {
        if (names.containsKey(name(file))) {
            operation(life, "delete");
            names.remove(name(file));
            changed();
        }
    }

    @Override
    public synchronized void forceDirectory(Path directory) {
        operation(life, "force directory");
        if (!lyingForces) {
            storedNames = new TreeMap<>(names);
            unforcedNames.clear();
        }
    }

    @Override
    public synchronized long usableSpace(Path directory) {
        if (capacity == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        long used = 0;
        for (SimulatedFile file : names.values()) {
            used += (long) file.sectors() * SimulatedFile.SECTOR;
        }
        return Math.max(0, capacity - used);
    }

    @Override
    public void unmap(ByteBuffer mapping) {
        // Memory needs no unmapping.
    }

    /** An open file of one process. */
    private final class Handle implements DiskFile {
        private final SimulatedFile file;
        private final int mine;

        Handle(SimulatedFile file, int mine) {
            this.file = file;
            this.mine = mine;
        }

        @Override
        public long size() {
            synchronized (SimulatedDisk.this) {
                return file.size();
            }
        }

        @Override
        public void setSize(long size) {
            synchronized (SimulatedDisk.this) {
                operation(mine, "set size");
                file.setSize((int) size);
            }
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                byte[] written = new byte[from.remaining()];
                from.get(written);
                try {
                    operation(mine, "write");
                } catch (SimulatedCrash e) {
                    if (mine + 1 == life) {
                        file.write(part(written), (int) position);
                    }
                    throw e;
                }
                if (failingWrites > 0) {
                    failingWrites--;
                    file.write(part(written), (int) position);
                    throw new IOException("Input/output error");
                }
                writeWithin(written, (int) position);
            }
        }

        private byte[] part(byte[] written) {
            byte[] part = new byte[tearing.nextInt(written.length + 1)];
            System.arraycopy(written, 0, part, 0, part.length);
            return part;
        }

        private void writeWithin(byte[] written, int position) throws IOException {
            long free = usableSpace(Path.of(""));
            if ((long) file.sectorsFor(position, written.length) * SimulatedFile.SECTOR > free) {
                int fits = (int) Math.min(written.length, free);
                byte[] part = new byte[fits];
                System.arraycopy(written, 0, part, 0, fits);
                if ((long) file.sectorsFor(position, fits) * SimulatedFile.SECTOR <= free) {
                    file.write(part, position);
                }
                throw new DiskFullException("No space left on device");
            }
            file.write(written, position);
        }

        @Override
        public void read(ByteBuffer into, long position) {
            synchronized (SimulatedDisk.this) {
                file.read(into, position);
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (SimulatedDisk.this) {
                operation(mine, "force");
                if (failingForces > 0) {
                    failingForces--;
                    file.loseUnforced();
                    throw new IOException("Input/output error");
                }
                if (!lyingForces) {
                    file.force();
                }
            }
        }

        @Override
        public ByteBuffer map(int size) throws IOException {
            synchronized (SimulatedDisk.this) {
                if (size > file.size()) {
                    throw new IOException("cannot map " + size + " of " + file.size() + " bytes");
                }
                return file.map(size);
            }
        }

        @Override
        public void close() {
            // Closing forces nothing.
        }
    }

    /** The content's size, or null if there is no such file. */
    public synchronized @Nullable Integer sizeOf(String name) {
        SimulatedFile file = names.get(name);
        return file == null ? null : file.size();
    }
}
