/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.LargeBody;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.LargeBodies;

/**
 * A body that is stored as it arrives, piece by piece, before the message that makes it visible: so nobody need hold it
 * whole. It ends when it is published with {@link Outgoing#withBody}, or with {@link #abort}; what was begun and not
 * finished when the broker stops is dead.
 *
 * <p>Confined to its lane.
 */
public final class Upload {
    private final long id;
    private final int chunkSize;
    private final int maxLength;
    private final Uploads uploads;
    private final Committer committer;
    private final Lane lane;
    /** Memory taken for the whole time: a chunk that is collected and one that is being stored. */
    private final int taken;

    private @Nullable ByteBuffer collected;
    private int length;
    private int chunks;
    private int unstored;
    private boolean ended;
    private @Nullable BrokerException failure;

    /** Called when pieces were stored. */
    private Runnable progress = () -> {};

    Upload(long id, int chunkSize, int maxLength, Uploads uploads, Committer committer, Lane lane) {
        this.taken = 2 * chunkSize;
        uploads.take(taken);
        this.uploads = uploads;
        this.id = id;
        this.chunkSize = chunkSize;
        this.maxLength = maxLength;
        this.committer = committer;
        this.lane = lane;
    }

    /**
     * Adds bytes to the body's end. They are copied: the caller's buffer is free again.
     *
     * @throws BrokerException MESSAGE_TOO_LARGE; the upload is aborted then
     */
    public void part(ByteBuffer bytes) {
        if (ended) {
            throw new IllegalStateException("the upload has ended");
        }
        if (bytes.remaining() > maxLength - length) {
            abort();
            throw new BrokerException(
                    Reason.MESSAGE_TOO_LARGE,
                    "a body of at least " + ((long) length + bytes.remaining()) + " bytes exceeds limits.message-size, "
                            + maxLength);
        }
        length += bytes.remaining();
        ByteBuffer from = bytes.duplicate();
        while (from.hasRemaining()) {
            ByteBuffer into = collected;
            if (into == null) {
                into = ByteBuffer.allocate(chunkSize);
                collected = into;
            }
            int count = Math.min(into.remaining(), from.remaining());
            into.put(from.slice(from.position(), count));
            from.position(from.position() + count);
            if (!into.hasRemaining()) {
                store(into);
            }
        }
    }

    private void store(ByteBuffer chunk) {
        collected = null;
        if (failure != null) {
            return;
        }
        int bytes = chunk.position();
        unstored += bytes;
        Reply<Boolean> reply = Reply.of(stored -> stored(bytes), refused -> {
            failure = refused;
            stored(bytes);
        });
        committer.messages(
                List.of(LargeBodies.chunkRecord(id, chunks, chunk.flip())), false, lane, reply, results -> true);
        chunks++;
    }

    private void stored(int bytes) {
        unstored -= bytes;
        progress.run();
    }

    /**
     * Bytes that were taken and are not stored yet: a caller that reads from a network should wait while it is high.
     */
    public int unstored() {
        return unstored;
    }

    /** Says what to run, on the lane, when {@link #unstored} went down. */
    public void onProgress(Runnable task) {
        progress = task;
    }

    /** Bytes so far. */
    public int length() {
        return length;
    }

    /** Stores what is left of the body; answers how the message must name it. */
    LargeBody end() {
        over();
        ByteBuffer last = collected;
        if (last != null) {
            store(last);
        }
        return new LargeBody(id, length, chunks);
    }

    /** The body's message will not come. */
    public void abort() {
        over();
        collected = null;
        drop(List.of(id), committer, lane);
    }

    private void over() {
        if (!ended) {
            ended = true;
            uploads.give(taken);
        }
    }

    /** Says in the log that bodies are dead. */
    static void drop(List<Long> bodies, Committer committer, Lane lane) {
        committer.<Boolean>control(
                List.of(LargeBodies.dropRecord(bodies)),
                lane,
                Reply.of(done -> {}, refused -> {}), // the next start says it again
                results -> true);
    }
}
