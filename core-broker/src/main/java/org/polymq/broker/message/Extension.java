/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a message has that its native image does not say, or not exactly: fields of tag byte, int length and bytes. A
 * field that is there replaces what the image says.
 */
final class Extension {
    static final int PROPERTIES = 1;
    static final int CORRELATION = 2;
    static final int JMS_TYPE = 3;
    static final int PATH = 4;
    static final int PRODUCER = 5;
    static final int REPLY_TO = 6;
    static final int CONTENT_TYPE = 7;
    static final int QOS_TWO_ID = 8;
    static final int GROUP_KEY = 9;
    static final int ID = 10;
    static final int KEYS = 11;
    static final int TAG = 12;
    static final int LARGE_BODY = 13;

    private Extension() {}

    /** Writes the fields; gives the place of the path's bytes among them, or -1. */
    static int write(
            Message message, @Nullable NativePropertiesWriter image, @Nullable LargeBody body, ByteWriter out) {
        int pathAt = -1;
        String path = message.address().path();
        if (image != null) {
            if (path != null && !image.pathExact) {
                pathAt = out.length() + 5;
                text(out, PATH, path);
            }
            if (!image.propertiesExact) {
                int length = begin(out, PROPERTIES);
                TypedItems.writeProperties(out, message.properties());
                end(out, length);
            }
            byte[] correlation = message.correlation();
            if (correlation != null && !image.correlationExact) {
                int length = begin(out, CORRELATION);
                out.put(correlation);
                end(out, length);
            }
            Destination replyTo = message.replyTo();
            if (replyTo != null && !image.replyToExact) {
                int length = begin(out, REPLY_TO);
                out.put(replyTo.kind().code);
                out.put(replyTo.name().getBytes(StandardCharsets.UTF_8));
                end(out, length);
            }
            textUnless(image.jmsTypeExact, out, JMS_TYPE, message.jmsType());
            textUnless(image.contentTypeExact, out, CONTENT_TYPE, message.contentType());
            textUnless(image.groupKeyExact, out, GROUP_KEY, message.groupKey());
            textUnless(image.idExact, out, ID, message.id());
            textUnless(image.keysExact, out, KEYS, message.keys());
            textUnless(image.tagExact, out, TAG, message.tag());
        }
        textUnless(false, out, PRODUCER, message.producer());
        QosTwoId id = message.qosTwoId();
        if (id != null) {
            int length = begin(out, QOS_TWO_ID);
            out.putLong(id.epoch());
            out.putShort(id.packetId());
            out.put(id.session().getBytes(StandardCharsets.UTF_8));
            end(out, length);
        }
        if (body != null) {
            int length = begin(out, LARGE_BODY);
            out.putLong(body.id());
            out.putInt(body.length());
            out.putInt(body.chunks());
            end(out, length);
        }
        return pathAt;
    }

    private static void textUnless(boolean exact, ByteWriter out, int tag, @Nullable String value) {
        if (!exact && value != null) {
            text(out, tag, value);
        }
    }

    private static void text(ByteWriter out, int tag, String value) {
        out.put(tag);
        out.putString(value);
    }

    private static int begin(ByteWriter out, int tag) {
        out.put(tag);
        out.putInt(0);
        return out.length();
    }

    private static void end(ByteWriter out, int start) {
        out.setInt(start - 4, out.length() - start);
    }

    /** Sets what the fields from {@code at} to the record's limit say. */
    static void read(ByteBuffer record, int at, Message.Builder into) {
        while (at < record.limit()) {
            int tag = record.get(at);
            int length = record.getInt(at + 1);
            ByteBuffer value = record.slice(at + 5, length);
            at += 5 + length;
            switch (tag) {
                case PROPERTIES -> into.properties(TypedItems.readProperties(value));
                case CORRELATION -> into.correlation(bytes(value));
                case JMS_TYPE -> into.jmsType(text(value));
                case PATH -> into.address(new Address(into.address.topic(), text(value)));
                case PRODUCER -> into.producer(text(value));
                case REPLY_TO -> into.replyTo(new Destination(Destination.kindOf(value.get()), text(value)));
                case CONTENT_TYPE -> into.contentType(text(value));
                case QOS_TWO_ID -> into.qosTwoId(qosTwoId(value));
                case GROUP_KEY -> into.groupKey(text(value));
                case ID -> into.id(text(value));
                case KEYS -> into.keys(text(value));
                case TAG -> into.tag(text(value));
                case LARGE_BODY -> {
                    // Where the body is; it is read when it is asked for.
                }
                default -> throw new IllegalArgumentException("unknown field " + tag + " in a message record");
            }
        }
    }

    /** The bytes of one field as text, or null if it is not there. Makes nothing of the others. */
    static @Nullable String find(ByteBuffer record, int at, int wanted) {
        ByteBuffer value = field(record, at, wanted);
        return value == null ? null : text(value);
    }

    static @Nullable QosTwoId findQosTwoId(ByteBuffer record, int at) {
        ByteBuffer value = field(record, at, QOS_TWO_ID);
        return value == null ? null : qosTwoId(value);
    }

    static @Nullable LargeBody findLargeBody(ByteBuffer record, int at) {
        ByteBuffer value = field(record, at, LARGE_BODY);
        return value == null ? null : new LargeBody(value.getLong(), value.getInt(), value.getInt());
    }

    /** The bytes of one field, from 0 to the limit, or null if it is not there. */
    static @Nullable ByteBuffer bytes(ByteBuffer record, int at, int wanted) {
        return field(record, at, wanted);
    }

    private static @Nullable ByteBuffer field(ByteBuffer record, int at, int wanted) {
        while (at < record.limit()) {
            int length = record.getInt(at + 1);
            if (record.get(at) == wanted) {
                return record.slice(at + 5, length);
            }
            at += 5 + length;
        }
        return null;
    }

    private static QosTwoId qosTwoId(ByteBuffer value) {
        long epoch = value.getLong();
        int packetId = value.getShort() & 0xFFFF;
        return new QosTwoId(text(value), epoch, packetId);
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return bytes;
    }

    static String text(ByteBuffer value) {
        return StandardCharsets.UTF_8.decode(value).toString();
    }
}
