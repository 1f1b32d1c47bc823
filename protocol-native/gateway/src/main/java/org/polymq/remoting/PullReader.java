/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.state.QueueWatches;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.ResponseCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what a pull asks for and writes its answer. Safe from any thread; a pull stays on its connection's. */
final class PullReader {
    private static final Logger log = LoggerFactory.getLogger(PullReader.class);
    private static final int DEFAULT_BYTES = 256 * 1024;
    private static final int MOST_BYTES = 8 * 1024 * 1024;
    private static final int MOST_MESSAGES = 1024;
    /** How many messages one read passes over at most before it lets others run. */
    private static final int MOST_SCANNED = 16_000;

    /** The same where each message has to be read for that. */
    private static final int MOST_EVALUATED = 1_000;

    private static final int HEAD = 512;

    private final Topics topics;
    private final QueueReader queues;
    private final OffsetResets resets;
    private final InstantSource clock;
    private final int maxDeliverSize;
    private final ColdReads coldReads;
    private final Counter skipped;
    private final NativeStats stats;
    private final PullFollowing following;
    private final Replica replica;

    PullReader(
            Topics topics,
            QueueReader queues,
            OffsetResets resets,
            ColdReads coldReads,
            InstantSource clock,
            int maxDeliverSize,
            MeterRegistry registry,
            NativeStats stats,
            PullFollowing following,
            Replica replica) {
        this.following = following;
        this.replica = replica;
        this.topics = topics;
        this.queues = queues;
        this.resets = resets;
        this.coldReads = coldReads;
        this.skipped = skipped(registry);
        this.clock = clock;
        this.stats = stats;
        this.maxDeliverSize = maxDeliverSize;
    }

    /** The one counter of messages that are too large for native consumers. */
    static Counter skipped(MeterRegistry registry) {
        return Counter.builder("polymq.native.skipped")
                .description("Messages over native.max-deliver-size that native consumers were not given")
                .register(registry);
    }

    /**
     * What a read found.
     *
     * @param code {@link ResponseCode#SUCCESS} with frames, or why there are none
     * @param nextOffset where to read next
     */
    record Outcome(
            int code,
            String remark,
            long nextOffset,
            long start,
            long end,
            @Nullable Found found) {
        /** Whether the reader is at the queue's end, so that waiting makes sense. */
        boolean isNothingYet() {
            return code == ResponseCode.PULL_NOT_FOUND;
        }
    }

    /** Positions of the messages found. */
    private static final class Found {
        long[] offsets = new long[32];
        long[] positions = new long[32];
        int count;
        int bytes;

        void add(long offset, long position, int size) {
            if (count == offsets.length) {
                offsets = Arrays.copyOf(offsets, 2 * count);
                positions = Arrays.copyOf(positions, 2 * count);
            }
            offsets[count] = offset;
            positions[count++] = position;
            bytes += size;
        }
    }

    /** Looks for messages from an offset on. */
    Outcome read(Pull pull, long from) {
        long start = queues.start(pull.queue());
        long end = queues.end(pull.queue());
        OptionalLong elsewhere = resets.redirect(pull.group(), pull.queue(), from);
        if (elsewhere.isPresent()) {
            return none(ResponseCode.PULL_OFFSET_MOVED, "OFFSET_RESET", elsewhere.getAsLong(), start, end);
        }
        if (from > end && replica.lags()) {
            return none(ResponseCode.PULL_NOT_FOUND, "OFFSET_NOT_HERE_YET", from, start, end);
        }
        if (end == 0) {
            return none(
                    from == 0 ? ResponseCode.PULL_NOT_FOUND : ResponseCode.PULL_OFFSET_MOVED,
                    "NO_MESSAGE_IN_QUEUE",
                    0,
                    start,
                    end);
        }
        if (from < start) {
            return none(ResponseCode.PULL_OFFSET_MOVED, "OFFSET_TOO_SMALL", start, start, end);
        }
        if (from == end) {
            return none(ResponseCode.PULL_NOT_FOUND, "OFFSET_OVERFLOW_ONE", from, start, end);
        }
        if (from > end) {
            return none(ResponseCode.PULL_OFFSET_MOVED, "OFFSET_OVERFLOW_BADLY", end, start, end);
        }
        return scan(pull, from, start, end);
    }

    private static Outcome none(int code, String remark, long next, long start, long end) {
        return new Outcome(code, remark, next, start, end, null);
    }

    private Outcome scan(Pull pull, long from, long start, long end) {
        int maxMessages = Math.max(1, Math.min(pull.maxMessages(), MOST_MESSAGES));
        int maxBytes = pull.maxBytes() > 0 ? Math.min(pull.maxBytes(), MOST_BYTES) : DEFAULT_BYTES;
        long now = clock.millis();
        Found found = new Found();
        long[] next = {from};
        NativeFilter filter = pull.filter().get();
        int most = filter.readsMessages() ? MOST_EVALUATED : MOST_SCANNED;
        queues.visit(pull.queue(), from, most, (offset, position, size, tagHash, expiresAt) -> {
            boolean wanted = filter.wants(tagHash)
                    && (expiresAt == 0 || expiresAt > now)
                    && (!filter.readsMessages() || filter.wants(message(offset, position)))
                    && isDeliverable(pull, offset, size);
            if (wanted) {
                if (found.count > 0 && found.bytes + size > maxBytes) {
                    return false;
                }
                found.add(offset, position, size);
            }
            next[0] = offset + 1;
            return found.count < maxMessages;
        });
        if (found.count > 0) {
            return new Outcome(ResponseCode.SUCCESS, "FOUND", next[0], start, end, found);
        }
        if (next[0] == from) {
            next[0] = end; // only a gap that retention left
        }
        return none(ResponseCode.PULL_RETRY_IMMEDIATELY, "NO_MATCHED_MESSAGE", next[0], start, end);
    }

    private StoredMessage message(long offset, long position) {
        return new StoredMessage(queues.record(position), position, offset);
    }

    /** Whether the message at an offset may have to come from the disk. */
    boolean isCold(long queue, long offset) {
        boolean[] cold = {false};
        if (offset >= queues.start(queue) && offset < queues.end(queue)) {
            queues.visit(queue, offset, 1, (at, position, size, tagHash, expiresAt) -> {
                cold[0] = coldReads.isCold(position);
                return false;
            });
        }
        return cold[0];
    }

    /** Whether the topic was deleted meanwhile. */
    boolean isTopicGone(Pull pull) {
        return topics.get((int) (pull.queue() >>> 16)) == null;
    }

    /** The answer of a pull that waited in vain: with what it passed over meanwhile. */
    Outcome nothing(Pull pull, long asked, long reached) {
        long start = queues.start(pull.queue());
        long end = queues.end(pull.queue());
        return reached > asked
                ? none(ResponseCode.PULL_RETRY_IMMEDIATELY, "NO_MATCHED_MESSAGE", reached, start, end)
                : none(ResponseCode.PULL_NOT_FOUND, "OFFSET_OVERFLOW_ONE", asked, start, end);
    }

    void watch(Pull pull, QueueWatches.Watcher watcher) {
        queues.watch(pull.queue(), watcher);
    }

    void unwatch(Pull pull, QueueWatches.Watcher watcher) {
        queues.unwatch(pull.queue(), watcher);
    }

    private boolean isDeliverable(Pull pull, long offset, int size) {
        if (size <= maxDeliverSize) {
            return true;
        }
        skipped.increment();
        log.warn(
                "message of {} bytes at offset {} is skipped for {}: native.max-deliver-size is {}",
                size,
                offset,
                pull.from(),
                maxDeliverSize);
        return false;
    }

    /** Answers a pull; messages that may have to come from the disk are copied by a thread that may wait for it. */
    void answer(Pull pull, Outcome outcome) {
        if (pull.request().isOneway()) {
            return;
        }
        Found found = outcome.found();
        if (found == null || !coldReads.isCold(found.positions[0])) {
            pull.from().send(frame(pull, outcome));
            return;
        }
        coldReads.execute(() -> {
            ByteBuf frame = frame(pull, outcome);
            pull.from().execute(() -> pull.from().send(frame));
        });
    }

    /** The answer's frame: the messages found are copied straight into it. */
    private ByteBuf frame(Pull pull, Outcome outcome) {
        Found found = outcome.found();
        ByteBuf out = pull.from().channel().alloc().buffer(HEAD + (found == null ? 0 : found.bytes));
        try {
            write(out, pull, outcome);
        } catch (BrokerException e) {
            out.clear();
            FrameWriter.write(out, pull.request().answer(ErrorCodes.of(e.reason()), String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            log.warn("cannot answer {}", pull.request(), e);
            out.clear();
            FrameWriter.write(out, pull.request().answer(ResponseCode.SYSTEM_ERROR, "the broker failed: " + e));
        }
        return out;
    }

    /** The broker id where the queue is best read on. */
    private int readFrom(long queue, Outcome outcome) {
        int queueId = (int) (queue & 0xFFFF);
        return outcome.nextOffset() >= outcome.end()
                ? replica.readFrom(queueId, () -> 0)
                : replica.readFrom(queueId, () -> behind(queue, outcome.nextOffset()));
    }

    private long behind(long queue, long offset) {
        long end = queues.logEnd();
        long[] behind = {0};
        queues.visit(queue, offset, 1, (at, position, size, tagHash, expiresAt) -> {
            behind[0] = end - position;
            return false;
        });
        return behind[0];
    }

    private void write(ByteBuf out, Pull pull, Outcome outcome) {
        ExtFields fields = new ExtFields()
                .with("suggestWhichBrokerId", readFrom(pull.queue(), outcome))
                .with("nextBeginOffset", outcome.nextOffset())
                .with("minOffset", outcome.start())
                .with("maxOffset", outcome.end())
                .with("topicSysFlag", 0)
                .with("groupSysFlag", 0);
        int start = FrameWriter.begin(out, pull.request().answer(outcome.code(), outcome.remark(), fields));
        Found found = outcome.found();
        if (found != null) {
            byte[] storeHost = pull.from().storeHost();
            for (int i = 0; i < found.count; i++) {
                ByteBuffer record = queues.record(found.positions[i]);
                following.delivered(
                        pull.from(), pull.group(), record.duplicate(), found.positions[i], found.offsets[i]);
                StoredMessage.copyNativeImage(record, out, found.offsets[i], found.positions[i], storeHost);
            }
        }
        FrameWriter.end(out, start);
        if (found == null) {
            stats.missed();
        } else {
            stats.delivered(pull.group(), (int) (pull.queue() >>> 16), found.count, found.bytes);
            stats.pulled(pull.group(), pull.queue(), outcome.nextOffset());
        }
    }
}
