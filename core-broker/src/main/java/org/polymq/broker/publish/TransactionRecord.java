/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import java.io.DataInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.timer.TimerRecord;

/**
 * Stands before the records of a transaction, in the same entry, and names all their topics: they are applied all, or
 * none if one of the topics is gone.
 *
 * @param records how many follow
 * @param isRefused whether a topic is gone
 */
public record TransactionRecord(int records, boolean isRefused) {
    /**
     * Encodes it.
     *
     * @param messages those among the records that follow
     * @param records how many follow
     */
    static ByteBuffer of(List<ByteBuffer> messages, int records) {
        Set<Integer> topics = new TreeSet<>();
        for (ByteBuffer message : messages) {
            boolean waits = message.get(message.position()) == RecordType.TIMER_MESSAGE.code();
            topics.add(MessageRecord.topicId(waits ? TimerRecord.message(message) : message));
        }
        return ControlRecord.of(RecordType.TRANSACTION, out -> {
            out.writeInt(records);
            out.writeInt(topics.size());
            for (int topic : topics) {
                out.writeInt(topic);
            }
        });
    }

    /** Part of apply. */
    public static TransactionRecord read(DataInput in, IntPredicate exists) throws IOException {
        int records = in.readInt();
        boolean refused = false;
        for (int n = in.readInt(); n > 0; n--) {
            refused |= !exists.test(in.readInt());
        }
        return new TransactionRecord(records, refused);
    }
}
