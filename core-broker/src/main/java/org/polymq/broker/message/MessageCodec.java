/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Makes the record of a {@link Message}; {@link StoredMessage} reads it back. Native sends take the shorter way of
 * {@link NativeEncoder}.
 *
 * <p>Immutable; safe from any thread.
 */
public final class MessageCodec {
    private final String clusterName;
    private final @Nullable MessageIds ids;

    /** A codec that leaves messages without an id as they are. */
    public MessageCodec(String clusterName) {
        this(clusterName, null);
    }

    /**
     * @param clusterName what native clients are told to answer to, with a reply-to: {@code cluster.name}
     * @param ids gives an id to messages that have none
     */
    public MessageCodec(String clusterName, @Nullable MessageIds ids) {
        this.clusterName = clusterName;
        this.ids = ids;
    }

    /**
     * The record of a message. Its store time is set later, by {@link MessageRecord#stamp}.
     *
     * @param topicId the number of the address's topic
     * @param queueId the queue, from 0
     * @return position 0 to limit
     * @throws BrokerException INVALID_NAME if the topic's native form is too long; INVALID_MESSAGE if a native
     *     message's property string is
     */
    public ByteBuffer encode(Message message, int topicId, int queueId) {
        return encode(message, topicId, queueId, message.body(), null);
    }

    /** The record of a message whose body is stored in chunks of its own: it names them. */
    public ByteBuffer encodeLarge(Message message, int topicId, int queueId, LargeBody body) {
        return encode(message, topicId, queueId, ByteBuffer.allocate(0), body);
    }

    private ByteBuffer encode(
            Message message, int topicId, int queueId, ByteBuffer body, @Nullable LargeBody largeBody) {
        String raw = message.nativeProperties();
        NativePropertiesWriter written =
                raw == null ? NativePropertiesWriter.write(message, idOf(message), clusterName) : null;
        byte[] properties;
        int pathOffset = -1;
        int pathLength = -1;
        if (written == null) {
            NativeScan scan = new NativeScan().scan(raw);
            properties = Arrays.copyOf(scan.bytes, scan.length);
            if (scan.hasPath()) {
                pathOffset = scan.pathStart();
                pathLength = scan.pathLength();
            }
        } else {
            properties = written.bytes();
            pathOffset = written.pathOffset;
            pathLength = written.pathLength;
        }
        ByteWriter extension = new ByteWriter();
        int pathInExtension = Extension.write(message, written, largeBody, extension);
        byte[] bornHost = NativeImage.host(message.bornHost());
        byte[] topic = Names.toNative(message.address().topic()).getBytes(StandardCharsets.US_ASCII);
        int sysFlag = (message.nativeSysFlag() & ~(NativeImage.SYS_BORN_V6 | NativeImage.SYS_STORE_V6))
                | (bornHost.length == NativeImage.V6 ? NativeImage.SYS_BORN_V6 : 0);
        RecordLayout layout =
                new RecordLayout(sysFlag, body.remaining(), topic.length, properties.length, extension.length());
        if (layout.extension() + (long) layout.extensionLength() > Integer.MAX_VALUE - 16) {
            throw new BrokerException(Reason.MESSAGE_TOO_LARGE, "a message of " + body.remaining() + " bytes");
        }
        ByteBuffer record = layout.allocate();
        prefix(message, largeBody != null, record);
        record.putInt(MessageRecord.TOPIC_ID, topicId);
        record.putInt(MessageRecord.QUEUE_ID, queueId);
        record.put(layout.body(), body, 0, body.remaining());
        layout.image(
                record, queueId, message.nativeFlag(), message.bornTime(), bornHost, message.reconsumeTimes(), topic);
        record.put(layout.properties(), properties);
        record.put(layout.extension(), extension.toBytes());
        if (pathOffset >= 0) {
            layout.path(record, layout.properties() + pathOffset, pathLength);
        } else if (pathInExtension >= 0) {
            int at = layout.extension() + pathInExtension;
            layout.path(record, at, record.getInt(at - 4));
        }
        return record;
    }

    private @Nullable String idOf(Message message) {
        return message.id() == null && ids != null ? ids.next() : message.id();
    }

    private static void prefix(Message message, boolean chunked, ByteBuffer record) {
        int flags = (message.durable() ? MessageRecord.DURABLE : 0)
                | (message.retain() ? MessageRecord.RETAIN : 0)
                | (message.hasBody() || chunked ? 0 : MessageRecord.NO_BODY)
                | (chunked ? MessageRecord.CHUNKED : 0)
                | (message.qosTwoId() == null ? 0 : MessageRecord.QOS_TWO_ID)
                | (message.groupKey() == null ? 0 : MessageRecord.GROUPED);
        record.putShort(MessageRecord.FLAGS, (short) flags);
        record.put(MessageRecord.PRIORITY, (byte) message.priority());
        record.put(MessageRecord.BODY_KIND, (byte) message.bodyKind().code());
        record.put(MessageRecord.ORIGIN, (byte) (message.origin().code() | (message.qos() << 2)));
        record.put(MessageRecord.PAYLOAD_FORMAT, (byte) message.payloadFormat());
        record.putLong(MessageRecord.EXPIRES_AT, message.expiresAt());
        record.putLong(MessageRecord.DELIVER_AT, message.deliverAt());
        record.putInt(MessageRecord.TAG_HASH, message.tagHash());
        record.putInt(MessageRecord.ORDER_HASH, message.orderHash());
    }
}
