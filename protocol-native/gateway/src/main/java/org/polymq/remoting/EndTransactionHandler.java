/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.half.HalfMessage;
import org.polymq.broker.half.HalfMessages;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.EndTransactionHeader;

/** Code 37: a producer commits a half message or rolls it back. The answer comes when that is in the log. */
final class EndTransactionHandler implements RequestHandler {
    private final HalfMessages halves;
    private final Topics topics;
    private final NativeTopicNames names;
    private final ColdReads coldReads;

    EndTransactionHandler(HalfMessages halves, Topics topics, NativeTopicNames names, ColdReads coldReads) {
        this.halves = halves;
        this.topics = topics;
        this.names = names;
        this.coldReads = coldReads;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        EndTransactionHeader header = EndTransactionHeader.of(request.fields());
        switch (header.commitOrRollback()) {
            case EndTransactionHeader.COMMIT -> commit(request, find(header), from);
            case EndTransactionHeader.ROLLBACK ->
                halves.rollback(find(header), from, from.guarded(request, done -> success(request, from)));
            case 0 -> success(request, from); // not known yet: the producer is asked later
            default ->
                throw BadRequestException.field("commitOrRollback " + header.commitOrRollback()
                        + " is none of 0 (unknown), 8 (commit), 12 (rollback)");
        }
    }

    private HalfMessage find(EndTransactionHeader header) {
        HalfMessage half = halves.find(header.commitLogOffset());
        if (half == null) {
            throw BadRequestException.field("Find prepared transaction message failed: none is pending at "
                    + header.commitLogOffset() + ", it was committed, rolled back or given up");
        }
        if (!half.group().equals(header.producerGroup())) {
            throw BadRequestException.field("The producer group wrong: the message is of " + half.group());
        }
        if (half.number() != header.tranStateTableOffset()) {
            throw BadRequestException.field("The transaction state table offset wrong");
        }
        return half;
    }

    private void commit(RemotingCommand request, HalfMessage half, NativeConnection from) {
        if (!coldReads.isCold(half.position())) {
            store(request, half, from);
            return;
        }
        coldReads.execute(() -> {
            halves.read(half).body(); // has the page fetched by a thread that may wait for it
            from.execute(() -> from.<Boolean>guarded(request, warm -> store(request, half, from))
                    .ok(true));
        });
    }

    private void store(RemotingCommand request, HalfMessage half, NativeConnection from) {
        Topic topic = topics.get(halves.read(half).topicId());
        if (topic == null) {
            throw new BrokerException(
                    Reason.TOPIC_NOT_FOUND, "the topic of the half message was deleted: roll it back");
        }
        halves.commit(
                half,
                HalfSend.committed(halves, half, topic, names, from.encoder()),
                from,
                from.guarded(request, stored -> success(request, from)));
    }

    private static void success(RemotingCommand request, NativeConnection from) {
        from.answer(request, request.answer(ResponseCode.SUCCESS, null));
    }
}
