/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.half;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.Keeper;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/** The half messages nobody has decided about. Changed by apply; safe to read from any thread. */
public final class HalfMessagesView implements View, Keeper {
    private final ConcurrentSkipListMap<Long, HalfMessage> byPosition = new ConcurrentSkipListMap<>();
    private long next;

    static ByteBuffer ended(long position) {
        return ControlRecord.of(RecordType.HALF_ENDED, out -> out.writeLong(position));
    }

    static ByteBuffer checked(List<HalfMessage> halves) {
        return ControlRecord.of(RecordType.HALF_CHECKED, out -> {
            out.writeInt(halves.size());
            for (HalfMessage half : halves) {
                out.writeLong(half.position());
            }
        });
    }

    @Nullable
    HalfMessage get(long position) {
        return byPosition.get(position);
    }

    Collection<HalfMessage> all() {
        return Collections.unmodifiableCollection(byPosition.values());
    }

    /** Nobody has decided about them yet. */
    @Override
    public void needs(long start, long end, LongConsumer positions) {
        byPosition.subMap(start, end).keySet().forEach(positions::accept);
    }

    /** Applies a half message; answers a {@link Stored} with its number for an offset. */
    public Object applyStaged(long position, long storeTime, ByteBuffer record) throws IOException {
        HalfMessage half = HalfRecord.open(position, next++, storeTime, record);
        byPosition.put(position, half);
        return new Stored(position, MessageRecord.queueId(HalfRecord.message(record)), half.number(), storeTime);
    }

    /** Applies a decision; answers the half message, or the refusal if it was decided about before. */
    public Object applyEnded(DataInput in) throws IOException {
        long position = in.readLong();
        HalfMessage half = byPosition.remove(position);
        return half != null
                ? half
                : new BrokerException(
                        Reason.TRANSACTION_NOT_FOUND,
                        "there is no half message at log position " + position + ": it was committed or rolled back");
    }

    /** Applies that producers were asked. */
    public void applyChecked(DataInput in, long storeTime) throws IOException {
        for (int n = in.readInt(); n > 0; n--) {
            byPosition.computeIfPresent(in.readLong(), (position, half) -> half.checked(storeTime));
        }
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(next);
        out.writeInt(byPosition.size());
        for (HalfMessage half : byPosition.values()) {
            out.writeLong(half.position());
            out.writeLong(half.number());
            ControlRecord.writeText(out, half.group());
            ControlRecord.writeText(out, half.transactionId());
            out.writeLong(half.stagedAt());
            out.writeLong(half.immunityMillis());
            out.writeInt(half.checks());
            out.writeLong(half.checkedAt());
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        byPosition.clear();
        next = in.readLong();
        for (int n = in.readInt(); n > 0; n--) {
            HalfMessage half = new HalfMessage(
                    in.readLong(),
                    in.readLong(),
                    ControlRecord.readText(in),
                    ControlRecord.readText(in),
                    in.readLong(),
                    in.readLong(),
                    in.readInt(),
                    in.readLong());
            byPosition.put(half.position(), half);
        }
    }
}
