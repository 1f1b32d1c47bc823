/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The records of an entry between the nodes of a group: store time (8), number of records (4), then each record behind
 * its length (4). What depends on the place in the log is added by each node.
 */
final class EntryBody {
    static final int HEADER = 12;
    static final int FRAME = 4;

    private EntryBody() {}

    /** @param length of the requests with their frames in an entry, header included, see {@link EntryFormat} */
    static ByteBuffer encode(List<AppendRequest> requests, long length, long time) {
        int count = 0;
        for (int i = 0; i < requests.size(); i++) {
            count += requests.get(i).records().size();
        }
        int size = (int) length - EntryFormat.HEADER - count * (EntryFormat.FRAME - FRAME) + HEADER;
        ByteBuffer body = ByteBuffer.allocate(size);
        body.putLong(time).putInt(count);
        for (int i = 0; i < requests.size(); i++) {
            AppendRequest request = requests.get(i);
            List<ByteBuffer> records = request.records();
            for (int part = 0; part < records.size(); part++) {
                ByteBuffer record = records.get(part);
                request.stamp(record, part, time);
                body.putInt(record.remaining()).put(record.duplicate());
            }
        }
        return body.flip();
    }

    static long time(ByteBuffer body) {
        return body.getLong(body.position());
    }

    static int records(ByteBuffer body) {
        return body.getInt(body.position() + 8);
    }

    /** How long an entry with this body is in the log, padding included. */
    static long lengthInLog(GroupEntry entry) {
        int size = entry.body().remaining();
        long length = switch (entry.kind()) {
            case NOTHING -> EntryFormat.HEADER;
            case MEMBERS -> EntryFormat.HEADER + EntryFormat.FRAME + size;
            case MESSAGES ->
                EntryFormat.HEADER + size - HEADER + (long) records(entry.body()) * (EntryFormat.FRAME - FRAME);
        };
        return EntryFormat.padded(length);
    }

    /** @throws StorageException CORRUPT if it is not a body */
    static void check(GroupEntry entry) {
        ByteBuffer body = entry.body();
        if (entry.kind() != GroupEntry.Kind.MESSAGES) {
            return;
        }
        int count = body.remaining() < HEADER ? -1 : records(body);
        int at = body.position() + HEADER;
        for (int i = 0; i < count; i++) {
            int length = body.limit() - at < FRAME ? -1 : body.getInt(at);
            if (length < 0 || length > body.limit() - at - FRAME) {
                count = -1;
            }
            at += FRAME + Math.max(0, length);
        }
        if (count < 0 || at != body.limit()) {
            throw new StorageException(StorageException.Reason.CORRUPT, "entry " + entry.index() + " is malformed");
        }
    }

    /** The body of an entry of messages that lies in the log. */
    static ByteBuffer of(ByteBuffer bytes, int offset) {
        int count = bytes.getInt(offset + EntryFormat.RECORDS);
        int size = HEADER;
        int at = offset + EntryFormat.HEADER;
        for (int i = 0; i < count; i++) {
            size += FRAME + bytes.getInt(at);
            at += EntryFormat.FRAME + bytes.getInt(at);
        }
        ByteBuffer body = ByteBuffer.allocate(size);
        body.putLong(bytes.getLong(offset + EntryFormat.TIME)).putInt(count);
        at = offset + EntryFormat.HEADER;
        for (int i = 0; i < count; i++) {
            int length = bytes.getInt(at);
            body.putInt(length).put(bytes.slice(at + EntryFormat.FRAME, length));
            at += EntryFormat.FRAME + length;
        }
        return body.flip();
    }
}
