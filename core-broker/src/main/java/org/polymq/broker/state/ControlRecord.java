/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Encodes and opens records that are facts about messages: one type byte, then fields in {@link DataOutput}'s format.
 */
public final class ControlRecord {
    private ControlRecord() {}

    /** Writes a record's fields. */
    @FunctionalInterface
    public interface Fields {
        void write(DataOutput out) throws IOException;
    }

    public static ByteBuffer of(RecordType type, Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(type.code());
            fields.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a " + type + " record", e);
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    /** The fields behind the type byte. The record's own position does not move. */
    public static DataInput fields(ByteBuffer record) {
        ByteBuffer view = record.duplicate();
        view.position(view.position() + 1);
        return new DataInputStream(new Bytes(view));
    }

    /** Writes a string of any length; {@link DataOutput#writeUTF} stops at 64 KB. */
    public static void writeText(DataOutput out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static String readText(DataInput in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    /** Writes a table of strings in the order of its names, so that equal tables are equal bytes. */
    public static void writeTexts(DataOutput out, Map<String, String> table) throws IOException {
        out.writeInt(table.size());
        for (Map.Entry<String, String> entry : new TreeMap<>(table).entrySet()) {
            writeText(out, entry.getKey());
            writeText(out, entry.getValue());
        }
    }

    public static Map<String, String> readTexts(DataInput in) throws IOException {
        Map<String, String> table = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = readText(in);
            table.put(name, readText(in));
        }
        return table;
    }

    public static void writeBytes(DataOutput out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static byte[] readBytes(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    private static final class Bytes extends InputStream {
        private final ByteBuffer buffer;

        private Bytes(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public int read() {
            return buffer.hasRemaining() ? buffer.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (!buffer.hasRemaining()) {
                return -1;
            }
            int count = Math.min(length, buffer.remaining());
            buffer.get(into, offset, count);
            return count;
        }
    }
}
