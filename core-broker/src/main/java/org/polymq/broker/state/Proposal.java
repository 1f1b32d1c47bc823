/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.half.HalfRecord;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.timer.TimerRecord;
import org.polymq.broker.xa.XaRecord;
import org.polymq.storage.AppendRequest;
import org.polymq.storage.StorageException;

/** Records on their way into the log, with the place where apply leaves its answers. */
final class Proposal<T> extends AppendRequest {
    private final Lane lane;
    private final Reply<T> reply;
    private final Function<Object[], T> result;
    private final Object[] answers;

    Proposal(
            List<ByteBuffer> records,
            boolean sync,
            boolean control,
            Lane lane,
            Reply<T> reply,
            Function<Object[], T> result) {
        super(records, sync, control);
        this.lane = lane;
        this.reply = reply;
        this.result = result;
        this.answers = new Object[records.size()];
    }

    /** Called by apply. A {@link BrokerException} makes the whole request fail with it. */
    void answer(int index, Object answer) {
        answers[index] = answer;
    }

    @Override
    protected void stamp(ByteBuffer record, int index, long storeTime) {
        if (record.get(record.position()) == RecordType.MESSAGE.code()) {
            MessageRecord.stamp(record, storeTime);
        } else if (record.get(record.position()) == RecordType.HALF_MESSAGE.code()) {
            HalfRecord.stamp(record, storeTime);
        } else if (record.get(record.position()) == RecordType.TIMER_MESSAGE.code()) {
            TimerRecord.stamp(record, storeTime);
        } else if (record.get(record.position()) == RecordType.XA_MESSAGE.code()) {
            XaRecord.stamp(record, storeTime);
        }
    }

    @Override
    protected void completed() {
        lane.execute(() -> {
            for (Object answer : answers) {
                if (answer instanceof BrokerException refused) {
                    reply.failed(refused);
                    return;
                }
            }
            reply.ok(result.apply(answers));
        });
    }

    @Override
    protected void failed(StorageException cause) {
        lane.execute(() -> reply.failed(Committer.translate(cause)));
    }
}
