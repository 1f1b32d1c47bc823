/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A state machine that is easy to check: it counts records and keeps a digest of all of them, their positions and times
 * in order. Messages go to the index.
 */
final class TestMachine implements StateMachine {
    static final byte MESSAGE = 1;
    static final byte CONTROL = 2;
    static final byte REMOVE_SEGMENT = 3;
    static final byte REMOVE_QUEUE = 4;
    static final byte CLEAN_SEGMENT = 5;
    /** A control record that stays needed by its position. */
    static final byte HELD = 6;

    private final NavigableMap<Long, Long> held = new TreeMap<>();

    private @Nullable Log log;
    private long count;
    private long digest;
    private long entries;

    /** A message to a queue; its last bytes are filled by its number. */
    static ByteBuffer message(long queue, long id, int filling) {
        ByteBuffer record = ByteBuffer.allocate(17 + filling);
        record.put(MESSAGE).putLong(queue).putLong(id);
        while (record.hasRemaining()) {
            record.put((byte) (id + record.position()));
        }
        return record.flip();
    }

    static ByteBuffer control(long id) {
        return ByteBuffer.allocate(17).put(CONTROL).putLong(id).putLong(0).flip();
    }

    static ByteBuffer removeSegment(SegmentInfo segment) {
        return ByteBuffer.allocate(17)
                .put(REMOVE_SEGMENT)
                .putLong(segment.number())
                .putInt((int) segment.start())
                .putInt((int) segment.end())
                .flip();
    }

    static ByteBuffer removeQueue(long queue) {
        return ByteBuffer.allocate(17)
                .put(REMOVE_QUEUE)
                .putLong(queue)
                .putLong(0)
                .flip();
    }

    static ByteBuffer held(long id) {
        return ByteBuffer.allocate(17).put(HELD).putLong(id).putLong(0).flip();
    }

    /** Cleans a segment; the salt chooses which of its messages and held records are still needed. */
    static ByteBuffer cleanSegment(long number, long salt) {
        return ByteBuffer.allocate(17)
                .put(CLEAN_SEGMENT)
                .putLong(number)
                .putLong(salt)
                .flip();
    }

    /** Whether a message of this number, or a held record, outlives a cleaning. */
    static boolean outlives(long id, long salt) {
        return Math.floorMod((int) id * 31L + salt * 7, 8L) < salt % 4;
    }

    @Override
    public void attach(Log attached) {
        log = attached;
    }

    @Override
    public void apply(long position, long storeTime, ByteBuffer record, @Nullable AppendRequest origin, int index) {
        Log attached = log;
        if (attached == null) {
            throw new IllegalStateException("applied before it was attached");
        }
        count++;
        digest = next(digest, position, storeTime, record.duplicate());
        byte type = record.get(0);
        long number = record.getLong(1);
        switch (type) {
            case MESSAGE -> {
                long id = record.getLong(9);
                attached.index()
                        .append(number, position, record.remaining(), (int) id, (int) id & 0xffff, id & 0xffffffL);
            }
            case CONTROL -> {
                // Only counted.
            }
            case HELD -> held.put(position, number);
            case CLEAN_SEGMENT -> attached.cleanSegment(number, position, new Needs(attached, record.getLong(9)));
            case REMOVE_SEGMENT -> {
                // Its files may be gone in recovery: the record has to say what it held.
                held.subMap((long) record.getInt(9), (long) record.getInt(13)).clear();
                attached.removeSegment(number);
            }
            case REMOVE_QUEUE -> attached.index().remove(number);
            default -> throw new IllegalStateException("record type " + type);
        }
    }

    static long next(long digest, long position, long time, ByteBuffer record) {
        CRC32C crc = new CRC32C();
        crc.update(record);
        return (digest * 31 + position) * 31 + time * 7 + crc.getValue();
    }

    @Override
    public void entryApplied() {
        entries++;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(count);
        out.writeLong(digest);
        out.writeInt(held.size());
        for (Map.Entry<Long, Long> each : held.entrySet()) {
            out.writeLong(each.getKey());
            out.writeLong(each.getValue());
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        count = in.readLong();
        digest = in.readLong();
        held.clear();
        for (int n = in.readInt(); n > 0; n--) {
            held.put(in.readLong(), in.readLong());
        }
    }

    /** Positions and numbers of held records. */
    NavigableMap<Long, Long> held() {
        return held;
    }

    /** What outlives a cleaning. */
    private final class Needs implements Liveness {
        private final Log cleaned;
        private final long salt;

        Needs(Log cleaned, long salt) {
            this.cleaned = cleaned;
            this.salt = salt;
        }

        @Override
        public void offsets(long queue, long first, long end, Offsets needed) {
            cleaned.index().scan(queue, first, Integer.MAX_VALUE, (offset, entry) -> {
                if (offset >= end) {
                    return false;
                }
                if (outlives(entry.tagHash(), salt)) {
                    needed.range(offset, offset + 1);
                }
                return true;
            });
        }

        @Override
        public void positions(long start, long end, LongConsumer needed) {
            held.subMap(start, end).forEach((position, id) -> {
                if (outlives(id, salt)) {
                    needed.accept(position);
                }
            });
        }

        @Override
        public void dependents(long start, long end, LongPredicate kept, LongConsumer needed) {
            held.subMap(start, end).keySet().removeIf(position -> !kept.test(position));
        }
    }

    long count() {
        return count;
    }

    long digest() {
        return digest;
    }

    /** Entries applied since the start of this process. */
    long entries() {
        return entries;
    }
}
