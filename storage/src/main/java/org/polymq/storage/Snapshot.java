/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The whole state as of the start of a segment, as images until it is written: what would take long to encode is
 * encoded when it is written, while the log goes on.
 *
 * <pre>
 * header (64)  0 magic  4 version  8 log id  16 position  24 last segment  32 next entry's index  40 last time
 *              48 clean stop (1)  52 length of the list of files  56 length of the rest less the checksum
 * then         segments, queues, what the state machine saved, the list of its files (name, size, CRC32C of each)
 * last 4       CRC32C of all between, then the header
 * </pre>
 *
 * <p>The state machine's files are in a folder beside the snapshot. They are there and forced before the snapshot has
 * its name, and are deleted after it has lost it.
 */
final class Snapshot {
    private static final int MAGIC = 0x504d5150; // PMQP
    private static final int VERSION = 3;
    private static final int HEADER = 64;
    private static final int CHUNK = 256 * 1024;

    private final Header header;
    private final List<StateImage> images;
    private final StateFiles files;

    private Snapshot(Header header, List<StateImage> images, StateFiles files) {
        this.header = header;
        this.images = images;
        this.files = files;
    }

    /**
     * Where in the log the snapshot stands.
     *
     * @param position where the next segment starts
     * @param lastSegment number of the newest segment below it
     * @param nextIndex index of the next entry
     * @param lastTime store time of the last entry, ms since the epoch
     * @param clean whether the log was closed behind it
     */
    record Header(long logId, long position, long lastSegment, long nextIndex, long lastTime, boolean clean) {}

    /** A segment below the snapshot. */
    record SegmentRow(long number, long start, long end, long firstTime, long lastTime) {}

    /** Takes a snapshot. Under the append lock, with the open segment empty. */
    static Snapshot take(Header header, Segments segments, QueueIndex index, StateMachine machine) throws IOException {
        List<SegmentRow> below = segments.list().stream()
                .filter(segment -> segment.number() <= header.lastSegment())
                .map(segment -> new SegmentRow(
                        segment.number(), segment.start(), segment.end(), segment.firstTime(), segment.lastTime()))
                .toList();
        List<StateImage> images = List.of(out -> writeRows(out, below), index.image(), machine.image());
        return new Snapshot(header, images, machine.saveFiles());
    }

    private static void writeRows(DataOutput out, List<SegmentRow> rows) throws IOException {
        out.writeInt(rows.size());
        for (SegmentRow row : rows) {
            out.writeLong(row.number());
            out.writeLong(row.start());
            out.writeLong(row.end());
            out.writeLong(row.firstTime());
            out.writeLong(row.lastTime());
        }
    }

    long position() {
        return header.position();
    }

    /** Writes the file and forces it, and its name. Once. */
    void write(LogFiles files, Failpoints failpoints) throws IOException {
        var target = files.snapshot(header.position());
        var temporary = files.temporary(target);
        files.disk().delete(temporary);
        StateFolder list = writeFolder(files);
        try (DiskFile file = files.disk().open(temporary)) {
            FileOutput content = new FileOutput(file, HEADER);
            DataOutputStream out = new DataOutputStream(content);
            for (StateImage image : images) {
                image.write(out);
            }
            long before = content.length();
            if (list != null) {
                list.save(out);
            }
            out.flush();
            content.flush();
            ByteBuffer first = header((int) (content.length() - before), content.length());
            content.crc().update(first.duplicate());
            file.write(first, 0);
            long end = HEADER + content.length();
            file.write(
                    ByteBuffer.allocate(4)
                            .putInt((int) content.crc().getValue())
                            .flip(),
                    end);
            file.force();
        }
        failpoints.hit(Failpoints.Point.SNAPSHOT_RENAME);
        files.disk().rename(temporary, target);
        files.disk().forceDirectory(files.directory());
    }

    /** Writes the state machine's files; gives the list of them, or null if there are none. */
    private @Nullable StateFolder writeFolder(LogFiles log) throws IOException {
        if (files == StateFiles.NONE) {
            return null;
        }
        Path folder = log.folder(header.position());
        // The same position is the same state: what a snapshot there relies on must not be touched.
        StateFolder list = standing(log, header.position());
        if (list == null) {
            StateFolder.delete(folder);
            if (!files.write(folder)) {
                return null;
            }
            list = StateFolder.seal(folder);
        }
        return list;
    }

    /** The folder of a snapshot that is there already, or null. */
    private static @Nullable StateFolder standing(LogFiles log, long position) throws IOException {
        if (!log.snapshots().contains(position) || check(log, position) == null) {
            return null;
        }
        try (DiskFile file = log.disk().openToRead(log.snapshot(position))) {
            ByteBuffer first = ByteBuffer.allocate(HEADER);
            file.read(first, 0);
            return hasFolder(first) ? folder(file, first, file.size()) : null;
        }
    }

    private ByteBuffer header(int listLength, long contentLength) {
        ByteBuffer first = ByteBuffer.allocate(HEADER);
        first.putInt(MAGIC).putInt(VERSION).putLong(header.logId());
        first.putLong(header.position()).putLong(header.lastSegment()).putLong(header.nextIndex());
        first.putLong(header.lastTime()).put((byte) (header.clean() ? 1 : 0));
        first.putInt(52, listLength);
        first.putLong(56, contentLength);
        return first.limit(HEADER).position(0);
    }

    /**
     * Checks a snapshot, its folder included.
     *
     * @return its header, or null if it is missing or damaged
     * @throws StorageException CORRUPT if a newer version wrote it
     */
    static @Nullable Header check(LogFiles files, long position) throws IOException {
        try (DiskFile file = files.disk().openToRead(files.snapshot(position))) {
            long size = file.size();
            if (size < HEADER + 4) {
                return null;
            }
            ByteBuffer first = ByteBuffer.allocate(HEADER);
            file.read(first, 0);
            if (first.getInt(0) != MAGIC || first.getLong(56) != size - HEADER - 4 || !isIntact(file, size)) {
                return null;
            }
            if (first.getInt(4) > VERSION) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT,
                        "the snapshot at " + position + " has format " + first.getInt(4)
                                + ", which a newer version wrote; this one reads up to " + VERSION);
            }
            if (hasFolder(first) && !folder(file, first, size).isIntact(files.folder(position))) {
                return null;
            }
            return new Header(
                    first.getLong(8),
                    first.getLong(16),
                    first.getLong(24),
                    first.getLong(32),
                    first.getLong(40),
                    first.get(48) == 1);
        }
    }

    private static boolean hasFolder(ByteBuffer first) {
        return first.getInt(52) > 0;
    }

    private static StateFolder folder(DiskFile file, ByteBuffer first, long size) throws IOException {
        return StateFolder.load(new DataInputStream(new FileInput(file, size - 4 - first.getInt(52))));
    }

    private static boolean isIntact(DiskFile file, long size) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(CHUNK, size));
        long end = size - 4;
        for (long at = HEADER; at < end; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
            file.read(buffer, at);
            crc.update(buffer.flip());
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        file.read(header, 0);
        crc.update(header.flip());
        ByteBuffer last = ByteBuffer.allocate(4);
        file.read(last, end);
        return last.getInt(0) == (int) crc.getValue();
    }

    /** Reads a checked snapshot into an empty index and the state machine; returns its segments. */
    static List<SegmentRow> load(LogFiles files, long position, QueueIndex index, StateMachine machine)
            throws IOException {
        try (DiskFile file = files.disk().openToRead(files.snapshot(position));
                DataInputStream in = new DataInputStream(
                        new BufferedInputStream(new FileInput(file, HEADER), (int) Math.min(CHUNK, file.size())))) {
            ByteBuffer first = ByteBuffer.allocate(HEADER);
            file.read(first, 0);
            machine.loadFiles(hasFolder(first) ? files.folder(position) : null);
            List<SegmentRow> segments = segments(in);
            index.load(in);
            machine.load(in);
            return segments;
        }
    }

    /** Reads the segments of a checked snapshot only. */
    static List<SegmentRow> segments(LogFiles files, long position) throws IOException {
        try (DiskFile file = files.disk().openToRead(files.snapshot(position));
                DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInput(file, HEADER), 8192))) {
            return segments(in);
        }
    }

    private static List<SegmentRow> segments(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<SegmentRow> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            segments.add(new SegmentRow(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong()));
        }
        return segments;
    }

    /** Writes a file from a position on, and adds it up. */
    private static final class FileOutput extends OutputStream {
        private final DiskFile file;
        private final long from;
        private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        private final CRC32C crc = new CRC32C();
        private long flushed;

        FileOutput(DiskFile file, long from) {
            this.file = file;
            this.from = from;
        }

        long length() {
            return flushed + buffer.position();
        }

        /** Of what was flushed. */
        CRC32C crc() {
            return crc;
        }

        @Override
        public void write(int value) throws IOException {
            if (!buffer.hasRemaining()) {
                flush();
            }
            buffer.put((byte) value);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            int at = offset;
            int left = count;
            while (left > 0) {
                if (!buffer.hasRemaining()) {
                    flush();
                }
                int now = Math.min(left, buffer.remaining());
                buffer.put(bytes, at, now);
                at += now;
                left -= now;
            }
        }

        @Override
        public void flush() throws IOException {
            buffer.flip();
            int length = buffer.remaining();
            if (length > 0) {
                crc.update(buffer.duplicate());
                file.write(buffer, from + flushed);
                flushed += length;
            }
            buffer.clear();
        }
    }

    /** A file's bytes from a position on, less the last four. */
    private static final class FileInput extends InputStream {
        private final DiskFile file;
        private final long end;
        private long at;

        FileInput(DiskFile file, long from) throws IOException {
            this.file = file;
            this.at = from;
            this.end = file.size() - 4;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = (int) Math.min(length, end - at);
            if (count <= 0) {
                return length == 0 ? 0 : -1;
            }
            file.read(ByteBuffer.wrap(into, offset, count), at);
            at += count;
            return count;
        }
    }
}
