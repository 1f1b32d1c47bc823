/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The newest segment of a data directory, as bytes: found and damaged without knowing its format. */
final class LogFile {
    private static final int WINDOW = 1 << 20;

    private final Path file;

    private LogFile(Path file) {
        this.file = file;
    }

    /** The segment with the highest number. */
    static LogFile newestIn(Path data) throws IOException {
        try (Stream<Path> listed = Files.list(data)) {
            List<Path> logs = listed.filter(
                            path -> path.getFileName().toString().endsWith(".segment"))
                    .sorted(Comparator.comparing(path -> path.getFileName().toString()))
                    .toList();
            if (logs.isEmpty()) {
                throw new IOException("no segment file (*.segment) below " + data);
            }
            return new LogFile(logs.get(logs.size() - 1));
        }
    }

    Path path() {
        return file;
    }

    /** Where some bytes stand, searched from the end. */
    OptionalLong find(byte[] wanted) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long end = channel.size(); end > 0; end -= WINDOW) {
                long start = Math.max(0, end - WINDOW - wanted.length);
                byte[] window = read(channel, start, (int) (end - start));
                for (int at = window.length - wanted.length; at >= 0; at--) {
                    if (matches(window, at, wanted)) {
                        return OptionalLong.of(start + at);
                    }
                }
            }
        }
        return OptionalLong.empty();
    }

    void truncate(long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    /** Flips one bit of the byte at a position. */
    void flip(long position, int bit) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(position);
            int value = bytes.read();
            bytes.seek(position);
            bytes.write(value ^ 1 << bit);
        }
    }

    /** Overwrites bytes, beyond the end too. */
    void write(long position, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        }
    }

    private static byte[] read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, position + buffer.position());
            if (read < 0) {
                break;
            }
        }
        return buffer.array();
    }

    private static boolean matches(byte[] window, int at, byte[] wanted) {
        for (int i = 0; i < wanted.length; i++) {
            if (window[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
