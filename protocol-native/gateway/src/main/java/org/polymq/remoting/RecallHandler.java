/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;

/** Code 370: a producer takes back a timer message that is not due yet. */
final class RecallHandler implements RequestHandler {
    private final Topics topics;
    private final NativeTopicNames names;
    private final Delays delays;

    RecallHandler(Topics topics, NativeTopicNames names, Delays delays) {
        this.topics = topics;
        this.names = names;
        this.delays = delays;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        String topic = request.fields().string("topic");
        if (topics.get(names.of(topic).topic()) == null) {
            throw new BadRequestException(
                    ResponseCode.TOPIC_NOT_EXIST, "recall failed, the topic[" + topic + "] not exist");
        }
        RecallHandle handle = RecallHandle.decode(request.fields().string("recallHandle", ""));
        if (!handle.topic().equals(topic)) {
            throw refused("topic not match");
        }
        if (!handle.broker().equals(delays.brokerName())) {
            throw refused("this is the broker " + delays.brokerName() + ", the message is at " + handle.broker());
        }
        if (handle.due() <= delays.clock().millis()) {
            throw refused("timestamp invalid: the message was due");
        }
        delays.timers().recall(handle.due(), handle.id(), from, new Reply<>() {
            @Override
            public void ok(Done done) {
                from.answer(request, request.answer(new ExtFields().with("msgId", handle.id())));
            }

            @Override
            public void failed(BrokerException cause) {
                if (cause.reason() == Reason.OFFSET_OUT_OF_RANGE) {
                    from.answer(
                            request,
                            request.answer(ResponseCode.ILLEGAL_OPERATION, "recall failed, " + cause.getMessage()));
                } else {
                    from.refuse(request, cause);
                }
            }
        });
    }

    private static BadRequestException refused(String why) {
        return new BadRequestException(ResponseCode.ILLEGAL_OPERATION, "recall failed, " + why);
    }
}
