/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.topic.Topic;

/**
 * A stored message on its way into the log again, under another topic.
 *
 * @param properties the property string it gets
 */
record Restored(Message message, String properties, int reconsumeTimes) {
    /** The record of it; {@code deliverAt} in ms since the epoch, 0 at once. */
    ByteBuffer encode(NativeEncoder encoder, Topic topic, NativeTopicNames.Name name, int queueId, long deliverAt) {
        InetSocketAddress bornHost = message.bornHost();
        ByteBuf body = Unpooled.wrappedBuffer(message.body());
        encoder.scan().scan(properties);
        return encoder.encode(
                topic.id(),
                name.ascii(),
                queueId,
                message.nativeFlag(),
                message.nativeSysFlag(),
                message.bornTime(),
                bornHost == null ? new byte[8] : NativeEncoder.host(bornHost),
                reconsumeTimes,
                deliverAt,
                body,
                0,
                body.readableBytes());
    }
}
