/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A message's record as it was read from the log: cheap access to its parts, and the ways out of it. Nothing is decoded
 * before it is asked for.
 *
 * <p>Immutable; safe from any thread.
 */
public final class StoredMessage {
    private final ByteBuffer record;
    private final long position;
    private final long queueOffset;
    private final LargeBody.@Nullable Chunks chunks;

    /**
     * A message whose body is in its record.
     *
     * @param record position to limit are one record of type {@link MessageRecord#TYPE}; its bytes must not change
     * @param position the record's log position
     * @param queueOffset its offset in its queue
     * @throws IllegalArgumentException if it is no message or of a newer format
     */
    public StoredMessage(ByteBuffer record, long position, long queueOffset) {
        this(record, position, queueOffset, null);
    }

    /**
     * A message whose body may be in chunks.
     *
     * @param chunks where they are read from when the body is asked for
     */
    public StoredMessage(ByteBuffer record, long position, long queueOffset, LargeBody.@Nullable Chunks chunks) {
        this.chunks = chunks;
        this.record = record.slice();
        this.position = position;
        this.queueOffset = queueOffset;
        if (this.record.get(0) != MessageRecord.TYPE || this.record.get(1) != MessageRecord.FORMAT) {
            throw new IllegalArgumentException("the record at " + position + " is of type " + this.record.get(0)
                    + " and format " + this.record.get(1) + ", not a message this version reads");
        }
    }

    /** The same message, its offset in its queue known. */
    public StoredMessage at(long offset) {
        return new StoredMessage(record, position, offset, chunks);
    }

    /** The whole record, a new view. */
    public ByteBuffer record() {
        return record.duplicate();
    }

    /** Its log position: the locator of a message for its whole life. */
    public long position() {
        return position;
    }

    public long queueOffset() {
        return queueOffset;
    }

    public int topicId() {
        return MessageRecord.topicId(record);
    }

    public int queueId() {
        return MessageRecord.queueId(record);
    }

    /** See {@link MessageRecord}. */
    public int flags() {
        return MessageRecord.flags(record);
    }

    public boolean isDurable() {
        return MessageRecord.isDurable(record);
    }

    public boolean isRetain() {
        return MessageRecord.isRetain(record);
    }

    /** 0 to 9. */
    public int priority() {
        return MessageRecord.priority(record);
    }

    /** Ms since the epoch; 0 never. */
    public long expiresAt() {
        return MessageRecord.expiresAt(record);
    }

    /** Whether it has expired at a time in ms since the epoch. */
    public boolean isExpired(long now) {
        long expiresAt = expiresAt();
        return expiresAt > 0 && expiresAt <= now;
    }

    /** Ms since the epoch; 0 at once. */
    public long deliverAt() {
        return MessageRecord.deliverAt(record);
    }

    public int tagHash() {
        return MessageRecord.tagHash(record);
    }

    public int orderHash() {
        return MessageRecord.orderHash(record);
    }

    /** When it was stored, ms since the epoch. */
    public long storeTime() {
        return MessageRecord.storeTime(record);
    }

    /** When its publisher made it, ms since the epoch. */
    public long bornTime() {
        return record.getLong(MessageRecord.PREFIX + NativeImage.BORN_TIME);
    }

    /** The protocol it was published by. */
    public Origin origin() {
        return Origin.of(record.get(MessageRecord.ORIGIN) & 3);
    }

    /** The MQTT quality of service it was published with, 0 to 2. */
    public int qos() {
        return (record.get(MessageRecord.ORIGIN) >> 2) & 3;
    }

    public BodyKind bodyKind() {
        return BodyKind.of(record.get(MessageRecord.BODY_KIND));
    }

    /** The body's length as stored, in bytes, wherever it is stored. */
    public int bodyLength() {
        LargeBody large = LargeBody.of(record);
        return large == null ? lengthInRecord() : large.length();
    }

    private int lengthInRecord() {
        return record.getInt(MessageRecord.BODY_LENGTH);
    }

    /** Bytes of the record with its whole body. */
    public int wholeSize() {
        return MessageRecord.wholeSize(record);
    }

    /** Whether the body is stored in chunks, to be read with {@link #bodyReader} rather than held whole. */
    public boolean isChunked() {
        return (flags() & MessageRecord.CHUNKED) != 0;
    }

    /**
     * The body's bytes as stored, a read-only view; one in chunks is put together in memory each time. A native client
     * may have compressed it: {@link #toMessage} undoes that.
     *
     * @throws org.polymq.broker.BrokerException UNAVAILABLE if chunks were removed with the message
     */
    public ByteBuffer body() {
        LargeBody large = LargeBody.of(record);
        return large == null
                ? record.slice(record.getInt(MessageRecord.BODY_OFFSET), lengthInRecord())
                        .asReadOnlyBuffer()
                : large.assemble(source());
    }

    /** The body's bytes as stored, piece by piece. */
    public BodyReader bodyReader() {
        LargeBody large = LargeBody.of(record);
        if (large == null) {
            return new BodyReader(lengthInRecord(), 1, number -> body());
        }
        LargeBody.Chunks from = source();
        return new BodyReader(large.length(), large.chunks(), number -> from.chunk(large, number));
    }

    private LargeBody.Chunks source() {
        if (chunks == null) {
            throw new IllegalStateException("the message at " + position + " was read without access to its chunks");
        }
        return chunks;
    }

    /** The native topic name. */
    public String nativeTopic() {
        int at = record.getInt(MessageRecord.BODY_OFFSET) + lengthInRecord();
        return text(at + 1, record.get(at), StandardCharsets.US_ASCII);
    }

    /** Where it was published to. */
    public Address address() {
        return new Address(NativeTopics.decode(nativeTopic()), path());
    }

    /** What follows the first level, or null. */
    public @Nullable String path() {
        int length = record.getInt(MessageRecord.PATH_LENGTH);
        return length < 0 ? null : text(record.getInt(MessageRecord.PATH_OFFSET), length, StandardCharsets.UTF_8);
    }

    /** Its id, or null. */
    public @Nullable String id() {
        String exact = Extension.find(record, extensionOffset(), Extension.ID);
        return exact == null ? NativeProperties.get(propertiesForNative(), NativeNames.UNIQ_KEY) : exact;
    }

    /** Who published it by JMS or MQTT, for "no local", or null. */
    public @Nullable String producer() {
        return Extension.find(record, extensionOffset(), Extension.PRODUCER);
    }

    /** What an MQTT QoS 2 publisher called it, or null. */
    public @Nullable QosTwoId qosTwoId() {
        return (flags() & MessageRecord.QOS_TWO_ID) == 0 ? null : Extension.findQosTwoId(record, extensionOffset());
    }

    /** The property string that native clients read. */
    public String propertiesForNative() {
        int at = record.getInt(MessageRecord.PROPERTIES_OFFSET);
        return text(at, extensionOffset() - at, StandardCharsets.UTF_8);
    }

    /**
     * The message as JMS and MQTT show it. A body that a native client compressed with zlib is plain again; what cannot
     * be undone stays as it is and gets the property {@code NATIVE_COMPRESSION}.
     */
    public Message toMessage() {
        Message.Builder message = parts(true);
        if (origin() == Origin.NATIVE) {
            NativeCompression.undo(sysFlag(), body(), message);
        } else {
            message.nativeProperties = null;
        }
        return message.build();
    }

    /**
     * The message as a native client sees it, of native origin: for what goes to a native consumer group again (retry,
     * dead letter) or into another native topic.
     */
    public Message toNativeMessage() {
        Message.Builder message = parts(true);
        String properties = propertiesForNative();
        if (origin() != Origin.NATIVE) {
            message.body(BodyKind.BYTES, Bodies.outsideJms(bodyKind(), body()));
            message.nativeProperties(properties);
        }
        return message.build();
    }

    /** The message as JMS and MQTT show it, with its headers and properties only; see {@link #bodyReader}. */
    public Message toHeaders() {
        Message.Builder message = parts(false);
        message.nativeProperties = null;
        return message.build();
    }

    private Message.Builder parts(boolean withBody) {
        int image = MessageRecord.PREFIX;
        int sysFlag = sysFlag();
        Message.Builder message = Message.to(Address.of(NativeTopics.decode(nativeTopic())));
        String properties = propertiesForNative();
        NativeProperties.read(properties, message);
        message.nativeProperties = properties;
        Extension.read(record, extensionOffset(), message);
        if (!withBody || (flags() & MessageRecord.NO_BODY) != 0) {
            message.noBody(bodyKind());
        } else {
            message.body(bodyKind(), body());
        }
        return message.origin(origin())
                .qos(qos())
                .retain(isRetain())
                .priority(priority())
                .expiresAt(expiresAt())
                .deliverAt(deliverAt())
                .payloadFormat(record.get(MessageRecord.PAYLOAD_FORMAT))
                .bornTime(bornTime())
                .bornHost(NativeImage.host(record, image + NativeImage.BORN_HOST, NativeImage.bornHostLength(sysFlag)))
                .reconsumeTimes(record.getInt(image + NativeImage.reconsumeTimes(sysFlag)))
                .nativeFlag(record.getInt(image + NativeImage.FLAG))
                .nativeSysFlag(sysFlag);
    }

    private int sysFlag() {
        return record.getInt(MessageRecord.PREFIX + NativeImage.SYS_FLAG);
    }

    private int extensionOffset() {
        return record.getInt(MessageRecord.EXTENSION_OFFSET);
    }

    private String text(int at, int length, Charset charset) {
        byte[] bytes = new byte[length];
        record.get(at, bytes);
        return new String(bytes, charset);
    }

    // ---- the native image

    /**
     * How many bytes {@link #copyNativeImage} writes.
     *
     * @param storeHost 8 or 20 bytes, see {@link NativeEncoder#host}
     */
    public int nativeSize(byte[] storeHost) {
        return NativeCopy.size(whole(), storeHost);
    }

    /** Appends the message as native clients read it to a buffer; gives the bytes written. */
    public int copyNativeImage(ByteBuf out, byte[] storeHost) {
        return NativeCopy.copy(whole(), out, queueOffset, position, storeHost);
    }

    private ByteBuffer whole() {
        LargeBody large = LargeBody.of(record);
        return large == null ? record() : WholeRecord.of(record, large.assemble(source()));
    }

    /**
     * A record with its body in it, as native readers need it: the record itself unless its body is in chunks.
     *
     * @param record position to limit
     */
    public static ByteBuffer withBody(ByteBuffer record, LargeBody.Chunks chunks) {
        LargeBody large = LargeBody.of(record);
        return large == null ? record : WholeRecord.of(record.slice(), large.assemble(chunks));
    }

    /**
     * Appends a record's message as native clients read it to a buffer, without making objects.
     *
     * @param record the caller's own view, position to limit; position and limit are changed
     * @param queueOffset written into the image
     * @param physicalOffset written into the image
     * @param storeHost 8 or 20 bytes, see {@link NativeEncoder#host}
     * @return the bytes written
     */
    public static int copyNativeImage(
            ByteBuffer record, ByteBuf out, long queueOffset, long physicalOffset, byte[] storeHost) {
        return NativeCopy.copy(record, out, queueOffset, physicalOffset, storeHost);
    }
}
