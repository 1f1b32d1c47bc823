/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.CorruptedFrameException;
import org.jspecify.annotations.Nullable;

/** What is said before a stream is one, in bytes; see the package for the layout. */
final class StreamFrames {
    /** "PMQS", before TLS if there is any: such a connection is served elsewhere than one of a node. */
    static final int MAGIC = 0x504d5153;

    static final int VERSION = 1;
    /** Of the magic number and the version. */
    static final int PREFACE = 5;
    /** Most bytes that either side says. */
    static final int MOST_BYTES = 32 << 10;

    private static final int TAKEN = 1;
    private static final int REPLY = 2;
    private static final int REPLY_HEADER = 3;

    private StreamFrames() {}

    static ByteBuf preface(ByteBufAllocator alloc) {
        return alloc.buffer(PREFACE).writeInt(MAGIC).writeByte(VERSION);
    }

    /** @throws IllegalArgumentException if it says more than fits */
    static ByteBuf hello(ByteBufAllocator alloc, String cluster, String group, byte[] wants) {
        byte[] clusterName = name(cluster);
        byte[] groupName = name(group);
        check(wants);
        return alloc.buffer(4 + clusterName.length + groupName.length + wants.length)
                .writeByte(clusterName.length)
                .writeBytes(clusterName)
                .writeByte(groupName.length)
                .writeBytes(groupName)
                .writeShort(wants.length)
                .writeBytes(wants);
    }

    private static byte[] name(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length > 255) {
            throw new IllegalArgumentException("a name of " + bytes.length + " bytes exceeds the limit of 255");
        }
        return bytes;
    }

    private static void check(byte[] said) {
        if (said.length > MOST_BYTES) {
            throw new IllegalArgumentException(
                    said.length + " bytes at the beginning of a stream exceed the limit of " + MOST_BYTES);
        }
    }

    /** What a stream begins with. */
    @SuppressWarnings("ArrayRecordComponent") // made for one reader
    record Hello(String cluster, String group, byte[] wants) {}

    /** Reads one, or nothing if it is not whole yet. */
    static @Nullable Hello readHello(ByteBuf in) {
        int from = in.readerIndex();
        String cluster = readName(in);
        String group = cluster == null ? null : readName(in);
        byte[] wants = group == null ? null : readBytes(in);
        if (cluster == null || group == null || wants == null) {
            in.readerIndex(from);
            return null;
        }
        return new Hello(cluster, group, wants);
    }

    private static @Nullable String readName(ByteBuf in) {
        if (!in.isReadable() || in.readableBytes() < 1 + in.getUnsignedByte(in.readerIndex())) {
            return null;
        }
        return in.readCharSequence(in.readUnsignedByte(), UTF_8).toString();
    }

    private static byte @Nullable [] readBytes(ByteBuf in) {
        if (in.readableBytes() < 2) {
            return null;
        }
        int length = in.getUnsignedShort(in.readerIndex());
        if (length > MOST_BYTES) {
            throw new CorruptedFrameException(
                    length + " bytes at the beginning of a stream exceed the limit of " + MOST_BYTES);
        }
        if (in.readableBytes() < 2 + length) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.skipBytes(2).readBytes(bytes);
        return bytes;
    }

    static ByteBuf taken(ByteBufAllocator alloc) {
        return alloc.buffer(1).writeByte(TAKEN);
    }

    /** @throws IllegalArgumentException if it says more than fits */
    static ByteBuf reply(ByteBufAllocator alloc, byte[] words) {
        check(words);
        return alloc.buffer(REPLY_HEADER + words.length)
                .writeByte(REPLY)
                .writeShort(words.length)
                .writeBytes(words);
    }

    /** Whether a stream was taken; empty words if so. */
    @SuppressWarnings("ArrayRecordComponent") // made for one reader
    record Answer(boolean isTaken, byte[] words) {}

    /** Reads one, or nothing if it is not whole yet. */
    static @Nullable Answer readAnswer(ByteBuf in) {
        if (!in.isReadable()) {
            return null;
        }
        int kind = in.getUnsignedByte(in.readerIndex());
        if (kind == TAKEN) {
            in.skipBytes(1);
            return new Answer(true, new byte[0]);
        }
        if (kind != REPLY) {
            throw new CorruptedFrameException("answers of kind " + kind + " are unknown");
        }
        int from = in.readerIndex();
        in.skipBytes(1);
        byte[] words = readBytes(in);
        if (words == null) {
            in.readerIndex(from);
            return null;
        }
        return new Answer(false, words);
    }
}
