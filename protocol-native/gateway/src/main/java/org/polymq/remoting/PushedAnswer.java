/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeProperties;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.header.SendHeader;

/** An answer in the form in which a waiting client gets it: the fields and body of code 326. */
final class PushedAnswer {
    private static final String PUSHED_AT = "PUSH_REPLY_TIME";
    private static final String UNKNOWN_HOST = "0.0.0.0:0";

    private final ExtFields fields;
    private final byte[] body;

    private PushedAnswer(ExtFields fields, byte[] body) {
        this.fields = fields;
        this.body = body;
    }

    ExtFields fields() {
        return fields;
    }

    /** Not to be changed. */
    byte[] body() {
        return body;
    }

    /** What a native responder sent. */
    static PushedAnswer of(SendHeader sent, byte[] body, NativeConnection from, long now) {
        ExtFields fields = new ExtFields()
                .with("producerGroup", sent.producerGroup())
                .with("topic", sent.topic())
                .with("defaultTopic", sent.defaultTopic())
                .with("defaultTopicQueueNums", sent.defaultTopicQueueNums())
                .with("queueId", Math.max(0, sent.queueId()))
                .with("sysFlag", sent.sysFlag())
                .with("bornTimestamp", sent.bornTimestamp())
                .with("flag", sent.flag())
                .with("properties", pushed(sent.properties(), now))
                .with("reconsumeTimes", sent.reconsumeTimes())
                .with("bornHost", from.remoteAddress());
        return new PushedAnswer(fields, body);
    }

    /**
     * What a client of another protocol published.
     *
     * @param message native, see {@link org.polymq.broker.message.StoredMessage#toNativeMessage}
     */
    static PushedAnswer of(Message message, String replyTopic, long now) {
        InetSocketAddress host = message.bornHost();
        ExtFields fields = new ExtFields()
                .with(
                        "producerGroup",
                        Objects.requireNonNullElse(
                                message.producer(), message.origin().name()))
                .with("topic", replyTopic)
                .with("defaultTopic", NativeTopicNames.TEMPLATE)
                .with("defaultTopicQueueNums", 1)
                .with("queueId", 0)
                .with("sysFlag", 0)
                .with("bornTimestamp", message.bornTime())
                .with("flag", 0)
                .with("properties", pushed(Objects.requireNonNullElse(message.nativeProperties(), ""), now))
                .with("reconsumeTimes", 0)
                .with("bornHost", host == null ? UNKNOWN_HOST : NativeConnection.text(host));
        return new PushedAnswer(fields, ByteBufUtil.getBytes(Unpooled.wrappedBuffer(message.body())));
    }

    private static String pushed(String properties, long now) {
        return NativeProperties.with(properties, PUSHED_AT, Long.toString(now));
    }
}
