/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.LargeBody;
import org.polymq.storage.Log;
import org.polymq.storage.StorageException;

/**
 * Where the chunks of large bodies lie in the log. A chunk is kept as long as the message that names it; before that
 * message comes it is kept until it is said that the message will not come. Changed by apply; reads are safe from any
 * thread.
 *
 * <p>A chunk's record is the type byte, the body's id (8), the chunk's number (4) and its bytes.
 */
public final class LargeBodies implements View, LargeBody.Chunks, Keeper {
    /** Bytes of a chunk's record before the chunk. */
    private static final int HEADER = 1 + 8 + 4;

    private static final long NONE = -1;

    private final Map<Long, Body> bodies = new ConcurrentHashMap<>();
    private @Nullable Log log;

    /**
     * One body.
     *
     * @param message log position of its message; NONE before that
     * @param staged whether that only waits to be stored again where it is seen
     * @param topicId of its message
     * @param positions of the chunks, in order
     */
    private record Body(long message, boolean staged, int topicId, int length, List<Long> positions) {
        private static final Body EMPTY = new Body(NONE, false, 0, 0, List.of());

        Body with(long chunk, int bytes) {
            Long[] all = Arrays.copyOf(positions.toArray(Long[]::new), positions.size() + 1);
            all[positions.size()] = chunk;
            return new Body(message, staged, topicId, length + bytes, List.of(all));
        }

        boolean hasMessage() {
            return message != NONE;
        }

        boolean isIn(long start, long end) {
            return message >= start && message < end;
        }

        void chunksIn(long start, long end, LongConsumer into) {
            for (long position : positions) {
                if (position >= start && position < end) {
                    into.accept(position);
                }
            }
        }
    }

    /** Called before anything is applied. */
    void attach(Log attached) {
        log = attached;
    }

    /** A chunk's record. */
    public static ByteBuffer chunkRecord(long id, int number, ByteBuffer bytes) {
        ByteBuffer record = ByteBuffer.allocate(HEADER + bytes.remaining());
        record.put(RecordType.BODY_CHUNK.code()).putLong(id).putInt(number).put(bytes);
        return record.flip();
    }

    /** The record that says that these bodies' messages will not come. */
    public static ByteBuffer dropRecord(Collection<Long> ids) {
        return ControlRecord.of(RecordType.BODY_DROPPED, out -> {
            out.writeInt(ids.size());
            for (long id : ids) {
                out.writeLong(id);
            }
        });
    }

    /** Part of apply. Answers why it is refused: it is not the next chunk of a body without message. */
    @Nullable
    BrokerException applyChunk(long position, ByteBuffer record) {
        int at = record.position();
        long id = record.getLong(at + 1);
        int number = record.getInt(at + 9);
        Body body = bodies.getOrDefault(id, Body.EMPTY);
        if (body.hasMessage() || number != body.positions().size()) {
            return new BrokerException(
                    Reason.INVALID_MESSAGE, "chunk " + number + " is not the next one of large body " + id);
        }
        bodies.put(id, body.with(position, record.remaining() - HEADER));
        return null;
    }

    /** Part of apply: bodies whose message has come stay. */
    void applyDrop(DataInput in) throws IOException {
        for (int left = in.readInt(); left > 0; left--) {
            drop(in.readLong());
        }
    }

    /** Part of apply: forgets a body without message. */
    void drop(long id) {
        bodies.computeIfPresent(id, (each, body) -> body.hasMessage() ? body : null);
    }

    /** Part of apply: whether all chunks of a body are there and belong to no message that is seen yet. */
    boolean isWhole(LargeBody named) {
        Body body = bodies.getOrDefault(named.id(), Body.EMPTY);
        return (!body.hasMessage() || body.staged())
                && body.positions().size() == named.chunks()
                && body.length() == named.length();
    }

    /** Part of apply: a body that {@link #isWhole} belongs to a message from now on. */
    void complete(LargeBody named, long message, int topicId) {
        own(named, message, false, topicId);
    }

    /** The same for a message that waits and is stored again when it is seen. */
    void stage(LargeBody named, long message, int topicId) {
        own(named, message, true, topicId);
    }

    private void own(LargeBody named, long message, boolean staged, int topicId) {
        Body body = bodies.getOrDefault(named.id(), Body.EMPTY);
        bodies.put(named.id(), new Body(message, staged, topicId, body.length(), body.positions()));
    }

    /** Part of apply: the messages at these positions are gone. */
    void forgetIn(long from, long to) {
        bodies.values().removeIf(body -> body.isIn(from, to));
    }

    /** Part of apply: the message that waited at this position will not be stored again. */
    void forgetStaged(long position) {
        bodies.values().removeIf(body -> body.staged() && body.message() == position);
    }

    /** Part of apply: a topic's messages are gone. */
    void forgetTopic(int topicId) {
        bodies.values().removeIf(body -> body.hasMessage() && body.topicId() == topicId);
    }

    /** The chunks of messages that lie elsewhere, or may still come. */
    @Override
    public void needs(long start, long end, LongConsumer positions) {
        bodies.values().stream()
                .filter(body -> !body.isIn(start, end))
                .forEach(body -> body.chunksIn(start, end, positions));
    }

    /** The chunks in [start, end) of messages there. */
    void ofMessagesIn(long start, long end, LongConsumer positions) {
        bodies.values().stream()
                .filter(body -> body.isIn(start, end))
                .forEach(body -> body.chunksIn(start, end, positions));
    }

    /** Part of apply: what lies in [start, end) is gone but for what is kept; tells the chunks of messages kept. */
    void keepOrForget(long start, long end, LongPredicate kept, LongConsumer positions) {
        bodies.values().removeIf(body -> body.isIn(start, end) && !kept.test(body.message()));
        ofMessagesIn(start, end, positions);
    }

    /** Bodies whose message has not come. */
    public List<Long> withoutMessage() {
        return bodies.entrySet().stream()
                .filter(each -> !each.getValue().hasMessage())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** How many there are, those without message included. */
    public int size() {
        return bodies.size();
    }

    @Override
    public ByteBuffer chunk(LargeBody named, int number) {
        Body body = bodies.get(named.id());
        if (body == null || number >= body.positions().size() || log == null) {
            throw new BrokerException(
                    Reason.UNAVAILABLE, "the body of " + named.length() + " bytes was removed with its message");
        }
        try {
            ByteBuffer record = log.read(body.positions().get(number));
            return record.position(record.position() + HEADER);
        } catch (StorageException e) {
            throw Committer.translate(e);
        }
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(bodies.size());
        for (Map.Entry<Long, Body> each : bodies.entrySet()) {
            Body body = each.getValue();
            out.writeLong(each.getKey());
            out.writeLong(body.message());
            out.writeBoolean(body.staged());
            out.writeInt(body.topicId());
            out.writeInt(body.length());
            out.writeInt(body.positions().size());
            for (long position : body.positions()) {
                out.writeLong(position);
            }
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        bodies.clear();
        for (int left = in.readInt(); left > 0; left--) {
            long id = in.readLong();
            long message = in.readLong();
            boolean staged = in.readBoolean();
            int topicId = in.readInt();
            int length = in.readInt();
            Long[] positions = new Long[in.readInt()];
            for (int i = 0; i < positions.length; i++) {
                positions[i] = in.readLong();
            }
            bodies.put(id, new Body(message, staged, topicId, length, List.of(positions)));
        }
    }
}
