/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
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

    static ByteBuffer removeSegment(long number) {
        return ByteBuffer.allocate(17)
                .put(REMOVE_SEGMENT)
                .putLong(number)
                .putLong(0)
                .flip();
    }

    static ByteBuffer removeQueue(long queue) {
        return ByteBuffer.allocate(17)
                .put(REMOVE_QUEUE)
                .putLong(queue)
                .putLong(0)
                .flip();
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
            case REMOVE_SEGMENT -> attached.removeSegment(number);
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
    }

    @Override
    public void load(DataInput in) throws IOException {
        count = in.readLong();
        digest = in.readLong();
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
