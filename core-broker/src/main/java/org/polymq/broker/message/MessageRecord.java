/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;

/**
 * The fixed prefix of a message's record, and cheap access to it without making objects. A record starts at its
 * buffer's position; all access is absolute.
 *
 * <pre>
 *  0 type 1     1 format 1     2 flags 2     4 topic id 4    8 queue id 4
 * 12 priority 1 13 body kind 1 14 origin + 4 * QoS 1         15 payload format 1 (signed)
 * 16 expires at 8              24 deliver at 8
 * 32 tag hash 4 36 order hash 4
 * 40 body offset 4             44 body length 4              48 property string offset 4
 * 52 path offset 4             56 path length 4 (-1: no path) 60 extension offset 4 (the record's length: none)
 * 64 the message as RocketMQ's clients read it, then the extension
 * </pre>
 *
 * Offsets count from the record's start.
 */
public final class MessageRecord {
    /** The record type of a message: the first byte of its record. */
    public static final byte TYPE = 1;

    /** Survives a restart. */
    public static final int DURABLE = 1;
    /** Replaces the retained message of its name. */
    public static final int RETAIN = 1 << 1;
    /** Has no body, which is not the same as an empty one. */
    public static final int NO_BODY = 1 << 2;
    /** Carries a {@link QosTwoId}. */
    public static final int QOS_TWO_ID = 1 << 3;
    /** Applied only if the record just before it, of the same request, was not refused. */
    public static final int CONDITIONAL = 1 << 8;
    /** Its body is in chunk records that were stored before it; see {@link LargeBody}. */
    public static final int CHUNKED = 1 << 4;
    /** Has a group key: consumers of a queue share its messages by groups. */
    public static final int GROUPED = 1 << 5;
    /** The bits that belong to whoever appends and applies records; the codec leaves them 0. */
    public static final int STATE_MACHINE_FLAGS = 0xFF00;

    static final byte FORMAT = 1;
    static final int FLAGS = 2;
    static final int TOPIC_ID = 4;
    static final int QUEUE_ID = 8;
    static final int PRIORITY = 12;
    static final int BODY_KIND = 13;
    static final int ORIGIN = 14;
    static final int PAYLOAD_FORMAT = 15;
    static final int EXPIRES_AT = 16;
    static final int DELIVER_AT = 24;
    static final int TAG_HASH = 32;
    static final int ORDER_HASH = 36;
    static final int BODY_OFFSET = 40;
    static final int BODY_LENGTH = 44;
    static final int PROPERTIES_OFFSET = 48;
    static final int PATH_OFFSET = 52;
    static final int PATH_LENGTH = 56;
    static final int EXTENSION_OFFSET = 60;
    static final int PREFIX = 64;

    private MessageRecord() {}

    /** The record's type; {@link #TYPE} for messages. */
    public static byte type(ByteBuffer record) {
        return record.get(record.position());
    }

    public static int flags(ByteBuffer record) {
        return record.getShort(record.position() + FLAGS) & 0xFFFF;
    }

    /** Changes the flags of a record that is not stored yet. */
    public static void setFlags(ByteBuffer record, int flags) {
        record.putShort(record.position() + FLAGS, (short) flags);
    }

    public static boolean isDurable(ByteBuffer record) {
        return (flags(record) & DURABLE) != 0;
    }

    public static boolean isRetain(ByteBuffer record) {
        return (flags(record) & RETAIN) != 0;
    }

    public static int topicId(ByteBuffer record) {
        return record.getInt(record.position() + TOPIC_ID);
    }

    public static int queueId(ByteBuffer record) {
        return record.getInt(record.position() + QUEUE_ID);
    }

    /** Changes the queue of a record that is not stored yet. */
    public static void setQueue(ByteBuffer record, int topicId, int queueId) {
        record.putInt(record.position() + TOPIC_ID, topicId);
        record.putInt(record.position() + QUEUE_ID, queueId);
        record.putInt(record.position() + PREFIX + NativeImage.QUEUE_ID, queueId);
    }

    /** 0 to 9. */
    public static int priority(ByteBuffer record) {
        return record.get(record.position() + PRIORITY);
    }

    /** Ms since the epoch; 0 never. */
    public static long expiresAt(ByteBuffer record) {
        return record.getLong(record.position() + EXPIRES_AT);
    }

    /** Ms since the epoch; 0 at once. */
    public static long deliverAt(ByteBuffer record) {
        return record.getLong(record.position() + DELIVER_AT);
    }

    /** As RocketMQ's filter compares it, there sign-extended to a long; 0 without tag. */
    public static int tagHash(ByteBuffer record) {
        return record.getInt(record.position() + TAG_HASH);
    }

    /** See {@link OrderHash}. */
    public static int orderHash(ByteBuffer record) {
        return record.getInt(record.position() + ORDER_HASH);
    }

    /** Bytes of the record with its whole body, wherever that is stored. */
    public static int wholeSize(ByteBuffer record) {
        LargeBody body = LargeBody.of(record);
        return body == null ? record.remaining() : record.remaining() + body.length();
    }

    /** Sets the store time: for {@code AppendRequest.stamp}. */
    public static void stamp(ByteBuffer record, long storeTime) {
        int image = record.position() + PREFIX;
        record.putLong(image + NativeImage.storeTime(record.getInt(image + NativeImage.SYS_FLAG)), storeTime);
    }

    /**
     * Marks a record that is not stored yet as a half message's outcome, as native clients see it.
     *
     * @param sysFlagBits RocketMQ's transaction type: 0x8 committed, 0 none
     * @param preparedPosition the log position of the half message
     */
    public static void setTransaction(ByteBuffer record, int sysFlagBits, long preparedPosition) {
        int image = record.position() + PREFIX;
        int sysFlag = (record.getInt(image + NativeImage.SYS_FLAG) & ~0xC) | sysFlagBits;
        record.putInt(image + NativeImage.SYS_FLAG, sysFlag);
        record.putLong(image + NativeImage.preparedOffset(sysFlag), preparedPosition);
    }

    /** When it was stored, ms since the epoch; 0 before that. */
    public static long storeTime(ByteBuffer record) {
        int image = record.position() + PREFIX;
        return record.getLong(image + NativeImage.storeTime(record.getInt(image + NativeImage.SYS_FLAG)));
    }
}
