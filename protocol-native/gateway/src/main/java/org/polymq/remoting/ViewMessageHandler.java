/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.ViewMessageHeader;

/** Code 33: the message at a log position. */
final class ViewMessageHandler implements RequestHandler {
    private static final int HEAD = 256;

    private final MessageReader messages;
    private final QueueReader queues;

    ViewMessageHandler(MessageReader messages, QueueReader queues) {
        this.messages = messages;
        this.queues = queues;
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
        long offset = queues.offsetOf(Topic.queueKey(message.topicId(), message.queueId()), position);
        ByteBuffer record = message.record();
        ByteBuf out = from.channel().alloc().buffer(HEAD + record.remaining());
        int start = FrameWriter.begin(out, request.answer(ResponseCode.SUCCESS, null));
        StoredMessage.copyNativeImage(record, out, offset, position, from.storeHost());
        FrameWriter.end(out, start);
        from.send(out);
    }
}
