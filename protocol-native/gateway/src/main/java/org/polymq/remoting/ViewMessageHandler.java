/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.ViewMessageHeader;

/** Code 33: the message at a log position. */
final class ViewMessageHandler implements RequestHandler {
    private static final int HEAD = 256;

    private final MessageReader messages;
    private final QueueReader queues;
    private final int maxBytes;

    /** {@code maxBytes} of a message that native clients are given. */
    ViewMessageHandler(MessageReader messages, QueueReader queues, int maxBytes) {
        this.messages = messages;
        this.queues = queues;
        this.maxBytes = maxBytes;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        long position = ViewMessageHeader.of(request.fields()).offset();
        StoredMessage message;
        try {
            message = messages.read(position);
        } catch (BrokerException e) {
            from.answer(
                    request,
                    request.answer(
                            ResponseCode.SYSTEM_ERROR,
                            "can not find message by the offset, " + position + ": " + e.getMessage()));
            return;
        }
        if (message.wholeSize() > maxBytes) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR,
                    "the message of " + message.wholeSize() + " bytes at " + position
                            + " exceeds native.max-deliver-size of " + maxBytes);
        }
        long offset = queues.offsetOf(Topic.queueKey(message.topicId(), message.queueId()), position);
        ByteBuf out = from.channel().alloc().buffer(HEAD + message.wholeSize());
        int start = FrameWriter.begin(out, request.answer(ResponseCode.SUCCESS, null));
        message.at(offset).copyNativeImage(out, from.storeHost());
        FrameWriter.end(out, start);
        from.send(out);
    }
}
