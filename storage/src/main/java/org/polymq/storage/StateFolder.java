/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * What a snapshot remembers of the files that a state machine put beside it. They are on the real disk, whatever the
 * log itself is on.
 *
 * @param files in the order of their names
 */
record StateFolder(List<Entry> files) {
    private static final int CHUNK = 256 * 1024;

    /** A file, its size and the CRC32C of its bytes. */
    record Entry(String name, long size, int crc) {}

    StateFolder {
        files = List.copyOf(files);
    }

    /** Forces every file of a directory, and their names, and takes down what they are. */
    static StateFolder seal(Path directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path file : list(directory)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.force(true);
                entries.add(new Entry(String.valueOf(file.getFileName()), channel.size(), crc(channel)));
            }
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
        return new StateFolder(entries);
    }

    /** Whether the directory still holds every file as it was. */
    boolean isIntact(Path directory) throws IOException {
        for (Entry entry : files) {
            Path file = directory.resolve(entry.name());
            if (!Files.isRegularFile(file) || Files.size(file) != entry.size()) {
                return false;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                if (crc(channel) != entry.crc()) {
                    return false;
                }
            }
        }
        return true;
    }

    void save(DataOutput out) throws IOException {
        out.writeInt(files.size());
        for (Entry entry : files) {
            out.writeUTF(entry.name());
            out.writeLong(entry.size());
            out.writeInt(entry.crc());
        }
    }

    static StateFolder load(DataInput in) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            entries.add(new Entry(in.readUTF(), in.readLong(), in.readInt()));
        }
        return new StateFolder(entries);
    }

    /** Deletes a directory of files, if it is there. */
    static void delete(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        for (Path file : list(directory)) {
            Files.delete(file);
        }
        Files.delete(directory);
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static int crc(FileChannel channel) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(1, Math.min(CHUNK, channel.size())));
        long at = 0;
        for (int read = channel.read(buffer, at); read >= 0; read = channel.read(buffer, at)) {
            at += read;
            crc.update(buffer.flip());
            buffer.clear();
        }
        return (int) crc.getValue();
    }
}
