/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Makes the record of a native send straight from the request's parts: one scan of its properties, one copy of its
 * body. Use: {@code scan()} (reads the request's properties), decide topic and queue, then {@link #encode}.
 *
 * <p>Confined to its lane; reused from message to message.
 */
public final class NativeEncoder {
    private static final byte[] UNIQ_KEY = NativeNames.UNIQ_KEY.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLUSTER = NativeNames.CLUSTER.getBytes(StandardCharsets.US_ASCII);

    private static final byte[] EMPTY_LEVEL = "%00".getBytes(StandardCharsets.US_ASCII);

    private final byte[] clusterName;
    private final MessageIds ids;
    private final NativeScan scan = new NativeScan();

    public NativeEncoder(String clusterName, MessageIds ids) {
        this.clusterName = clusterName.getBytes(StandardCharsets.UTF_8);
        this.ids = ids;
    }

    /** The scan to fill with the properties of the next message. */
    public NativeScan scan() {
        return scan;
    }

    /**
     * The record of the message whose properties were scanned last. Adds UNIQ_KEY and CLUSTER where they are missing
     * and has dropped POP_CK; everything else of the properties is stored as the client sent it.
     *
     * @param topic the native topic name in ASCII, at most 127 bytes
     * @param queueId the queue, from 0
     * @param flag the client's own flag
     * @param sysFlag the client's; the address bits are corrected
     * @param bornTime ms since the epoch
     * @param bornHost the client's address and port: 4 + 4 or 16 + 4 bytes, see {@link #host}
     * @param deliverAt when it becomes visible, ms since the epoch, 0 at once
     * @param body position and length say where; the buffer's indexes are not moved
     * @return position 0 to limit
     * @throws BrokerException INVALID_NAME if topic and path make no name; INVALID_MESSAGE if the completed properties
     *     exceed {@value NativeProperties#MAX_BYTES} bytes
     */
    public ByteBuffer encode(
            int topicId,
            byte[] topic,
            int queueId,
            int flag,
            int sysFlag,
            long bornTime,
            byte[] bornHost,
            int reconsumeTimes,
            long deliverAt,
            ByteBuf body,
            int bodyIndex,
            int bodyLength) {
        if (topic.length > Names.MAX_NATIVE) {
            throw Names.invalid("native topic of " + topic.length + " characters");
        }
        if (!scan.hasPath() && Arrays.equals(topic, EMPTY_LEVEL)) {
            throw Names.invalid("a message to the empty first level %00 needs the property TOPIC_PATH");
        }
        if (!scan.hasUniqueKey()) {
            scan.append(UNIQ_KEY, ids.nextBytes());
        }
        if (!scan.hasCluster()) {
            scan.append(CLUSTER, clusterName);
        }
        boolean v6 = bornHost.length == NativeImage.V6;
        int flags =
                (sysFlag & ~(NativeImage.SYS_BORN_V6 | NativeImage.SYS_STORE_V6)) | (v6 ? NativeImage.SYS_BORN_V6 : 0);
        RecordLayout layout = new RecordLayout(flags, bodyLength, topic.length, scan.length, 0);
        ByteBuffer record = layout.allocate();
        body.getBytes(bodyIndex, record.limit(layout.body() + bodyLength).position(layout.body()));
        record.clear();
        record.putShort(
                MessageRecord.FLAGS, (short) (MessageRecord.DURABLE | (scan.isRetain() ? MessageRecord.RETAIN : 0)));
        record.putInt(MessageRecord.TOPIC_ID, topicId);
        record.putInt(MessageRecord.QUEUE_ID, queueId);
        record.put(MessageRecord.PRIORITY, (byte) scan.priority());
        record.put(MessageRecord.BODY_KIND, (byte) BodyKind.BYTES.code());
        record.put(MessageRecord.ORIGIN, (byte) (Origin.NATIVE.code() | (2 << 2)));
        record.put(MessageRecord.PAYLOAD_FORMAT, (byte) scan.payloadFormat());
        record.putLong(MessageRecord.EXPIRES_AT, scan.expiresAt());
        record.putLong(MessageRecord.DELIVER_AT, deliverAt);
        record.putInt(MessageRecord.TAG_HASH, scan.tagHash());
        record.putInt(MessageRecord.ORDER_HASH, scan.orderHash());
        if (scan.hasPath()) {
            layout.path(record, layout.properties() + scan.pathStart(), scan.pathLength());
        }
        layout.image(record, queueId, flag, bornTime, bornHost, reconsumeTimes, topic);
        record.put(layout.properties(), scan.bytes, 0, scan.length);
        return record;
    }

    /** A client's address as {@link #encode} wants it. Make it once per connection. */
    public static byte[] host(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new BrokerException(Reason.INVALID_REQUEST, "unresolved address " + address);
        }
        return NativeImage.host(address);
    }
}
