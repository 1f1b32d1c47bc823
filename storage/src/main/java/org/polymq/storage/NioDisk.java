/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real disk. */
public final class NioDisk implements Disk {
    private static final Logger LOG = LoggerFactory.getLogger(NioDisk.class);
    private static final String LOCK = "lock";
    private static final String HOLDER = "holder";

    private final @Nullable Unmapper unmapper = Unmapper.find();

    @Override
    public Closeable lock(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path holder = directory.resolve(HOLDER);
        String me = describeThisProcess();
        // Closing any channel of a locked file gives the process's lock away, so our own lock is never opened twice.
        if (readHolder(holder).equals(Optional.of(me))) {
            throw held(directory, me);
        }
        FileChannel channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            throw held(directory, me);
        } finally {
            if (lock == null && channel.isOpen()) {
                channel.close();
            }
        }
        if (lock == null) {
            throw held(directory, readHolder(holder).orElse("another process"));
        }
        Files.writeString(holder, me);
        return () -> {
            Files.deleteIfExists(holder);
            channel.close();
        };
    }

    private static StorageException held(Path directory, String holder) {
        return new StorageException(
                StorageException.Reason.FAILED,
                "the data directory " + directory.toAbsolutePath() + " is in use by " + holder);
    }

    private static Optional<String> readHolder(Path holder) throws IOException {
        try {
            return Optional.of(Files.readString(holder));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static String describeThisProcess() {
        ProcessHandle process = ProcessHandle.current();
        Instant since = process.info().startInstant().orElse(Instant.EPOCH);
        return "process " + process.pid() + " on host " + hostName() + ", started " + since;
    }

    private static String hostName() {
        String environment = System.getenv("HOSTNAME");
        if (environment != null && !environment.isBlank()) {
            return environment;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        try {
            return new NioDiskFile(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw NioDiskFile.translated(file, e);
        }
    }

    @Override
    public DiskFile openToRead(Path file) throws IOException {
        return new NioDiskFile(file, StandardOpenOption.READ);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw NioDiskFile.translated(to, e);
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        if (File.separatorChar == '\\') {
            return; // Windows cannot open a directory; NTFS journals names itself.
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    @Override
    public void unmap(ByteBuffer mapping) {
        if (unmapper != null) {
            unmapper.unmap(mapping);
        }
    }

    /** Releases a mapping before the garbage collector would: until then a deleted file keeps its blocks. */
    private record Unmapper(Object unsafe, Method invokeCleaner) {
        static @Nullable Unmapper find() {
            try {
                Class<?> type = Class.forName("sun.misc.Unsafe");
                Field field = type.getDeclaredField("theUnsafe");
                field.setAccessible(true);
                Object unsafe = field.get(null);
                Method method = type.getMethod("invokeCleaner", ByteBuffer.class);
                return unsafe == null ? null : new Unmapper(unsafe, method);
            } catch (ReflectiveOperationException | RuntimeException e) {
                LOG.info(
                        "Deleted files give their space back when memory is collected, as mappings cannot be"
                                + " released at once: {}",
                        e.toString());
                return null;
            }
        }

        void unmap(ByteBuffer mapping) {
            try {
                invokeCleaner.invoke(unsafe, mapping);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("cannot release a mapping", e);
            }
        }
    }
}
