/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file behind a channel. An interrupt closes a channel in the middle of an operation; the log must outlive it, so the
 * channel is opened again and the operation repeated, and the interrupt is handed on afterwards.
 */
final class NioDiskFile implements DiskFile {
    private final Path file;
    private final Set<OpenOption> options;
    private volatile FileChannel channel;
    private volatile boolean closed;

    NioDiskFile(Path file, OpenOption... options) throws IOException {
        this.file = file;
        this.options = Set.of(options);
        this.channel = FileChannel.open(file, this.options);
    }

    @Override
    public long size() throws IOException {
        return retry(FileChannel::size);
    }

    @Override
    public void setSize(long size) throws IOException {
        // Unlike a channel this can lengthen a file without writing to it, and no interrupt stops it.
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(size);
        } catch (IOException e) {
            throw translated(file, e);
        }
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
        int from = bytes.position();
        try {
            retry(open -> {
                bytes.position(from);
                long at = position;
                while (bytes.hasRemaining()) {
                    at += open.write(bytes, at);
                }
                return 0L;
            });
        } catch (IOException e) {
            throw translated(file, e);
        }
    }

    /** The same failure, told apart if the disk is full. */
    static IOException translated(Path file, IOException e) {
        return isFull(file, e) ? new DiskFullException("no space left to write " + file, e) : e;
    }

    private static boolean isFull(Path file, IOException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("No space left") || message.contains("quota exceeded")) {
            return true;
        }
        Path directory = file.toAbsolutePath().getParent();
        try {
            // The system's message may be in another language.
            return directory != null && Files.getFileStore(directory).getUsableSpace() == 0;
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
            return false;
        }
    }

    @Override
    public void read(ByteBuffer into, long position) throws IOException {
        int from = into.position();
        retry(open -> {
            into.position(from);
            long at = position;
            while (into.hasRemaining()) {
                int count = open.read(into, at);
                if (count < 0) {
                    break;
                }
                at += count;
            }
            return 0L;
        });
    }

    @Override
    public void force() throws IOException {
        retry(open -> {
            open.force(false);
            return 0L;
        });
    }

    @Override
    public ByteBuffer map(int size) throws IOException {
        // Mapping a file that is too short would lengthen it, or fault when read.
        long present = size();
        if (size > present) {
            throw new IOException("cannot map " + size + " bytes of " + file + ", which has " + present);
        }
        return retry(open -> open.map(FileChannel.MapMode.READ_ONLY, 0, size));
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }

    private <T> T retry(Operation<T> operation) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                FileChannel open = channel;
                try {
                    return operation.run(open);
                } catch (ClosedChannelException e) {
                    if (closed) {
                        throw e;
                    }
                    reopen(open);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen(FileChannel broken) throws IOException {
        if (channel == broken && !closed) {
            Set<OpenOption> again = options.contains(StandardOpenOption.WRITE)
                    ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE)
                    : options;
            channel = FileChannel.open(file, again);
        }
    }

    /** One step on an open channel. */
    private interface Operation<T> {
        T run(FileChannel open) throws IOException;
    }
}
