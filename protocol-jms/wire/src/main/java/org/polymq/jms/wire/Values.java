/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Typed values: a type byte and the value, big endian. Used by message properties and by the bodies of map and stream
 * messages.
 *
 * <pre>
 *  0 null   1 boolean  2 byte   3 short   4 char    5 int   6 long   7 float   8 double
 *  9 string (int length, UTF-8)           10 bytes (int length, bytes)
 * </pre>
 */
public final class Values {
    static final int NULL = 0;
    static final int BOOLEAN = 1;
    static final int BYTE = 2;
    static final int SHORT = 3;
    static final int CHAR = 4;
    static final int INT = 5;
    static final int LONG = 6;
    static final int FLOAT = 7;
    static final int DOUBLE = 8;
    static final int STRING = 9;
    static final int BYTES = 10;

    private Values() {}

    /**
     * Writes one value.
     *
     * @throws IllegalArgumentException if the value is of none of the types
     */
    public static void write(ByteBuf out, @Nullable Object value) {
        if (value == null) {
            out.writeByte(NULL);
        } else if (value instanceof String text) {
            out.writeByte(STRING);
            writeString(out, text);
        } else if (value instanceof Integer number) {
            out.writeByte(INT).writeInt(number);
        } else if (value instanceof Long number) {
            out.writeByte(LONG).writeLong(number);
        } else if (value instanceof Boolean flag) {
            out.writeByte(BOOLEAN).writeBoolean(flag);
        } else if (value instanceof Byte number) {
            out.writeByte(BYTE).writeByte(number);
        } else if (value instanceof Short number) {
            out.writeByte(SHORT).writeShort(number);
        } else if (value instanceof Character letter) {
            out.writeByte(CHAR).writeChar(letter);
        } else if (value instanceof Float number) {
            out.writeByte(FLOAT).writeFloat(number);
        } else if (value instanceof Double number) {
            out.writeByte(DOUBLE).writeDouble(number);
        } else if (value instanceof byte[] bytes) {
            out.writeByte(BYTES).writeInt(bytes.length).writeBytes(bytes);
        } else {
            throw new IllegalArgumentException("no value type for " + value.getClass());
        }
    }

    /**
     * Reads one value: null, String, byte[] or the wrapper of a primitive type.
     *
     * @throws ProtocolException if the bytes are none
     */
    public static @Nullable Object read(ByteBuf in) {
        need(in, 1);
        int type = in.readByte();
        return switch (type) {
            case NULL -> null;
            case BOOLEAN -> needed(in, 1).readBoolean();
            case BYTE -> needed(in, 1).readByte();
            case SHORT -> needed(in, 2).readShort();
            case CHAR -> needed(in, 2).readChar();
            case INT -> needed(in, 4).readInt();
            case LONG -> needed(in, 8).readLong();
            case FLOAT -> needed(in, 4).readFloat();
            case DOUBLE -> needed(in, 8).readDouble();
            case STRING -> readString(in);
            case BYTES -> {
                byte[] bytes = readBytes(in);
                if (bytes == null) {
                    throw new ProtocolException("a bytes value without length");
                }
                yield bytes;
            }
            default -> throw new ProtocolException("no value type " + type);
        };
    }

    private static ByteBuf needed(ByteBuf in, int bytes) {
        need(in, bytes);
        return in;
    }

    /** Writes an int length and UTF-8 bytes. */
    public static void writeString(ByteBuf out, String text) {
        int at = out.writerIndex();
        out.writeInt(0);
        out.setInt(at, ByteBufUtil.writeUtf8(out, text));
    }

    /**
     * Reads a string.
     *
     * @throws ProtocolException if it is null or its bytes end early
     */
    public static String readString(ByteBuf in) {
        String text = readNullableString(in);
        if (text == null) {
            throw new ProtocolException("a string is missing");
        }
        return text;
    }

    static void writeNullableString(ByteBuf out, @Nullable String text) {
        if (text == null) {
            out.writeInt(-1);
        } else {
            writeString(out, text);
        }
    }

    static @Nullable String readNullableString(ByteBuf in) {
        int length = readLength(in);
        if (length < 0) {
            return null;
        }
        return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
    }

    static void writeBytes(ByteBuf out, byte @Nullable [] bytes) {
        if (bytes == null) {
            out.writeInt(-1);
        } else {
            out.writeInt(bytes.length).writeBytes(bytes);
        }
    }

    static byte @Nullable [] readBytes(ByteBuf in) {
        int length = readLength(in);
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return bytes;
    }

    /**
     * Reads a count of things of at least {@code each} bytes, so that a count cannot ask for more than the frame has.
     */
    static int readCount(ByteBuf in, int each) {
        need(in, 4);
        int count = in.readInt();
        if (count < 0 || (long) count * each > in.readableBytes()) {
            throw new ProtocolException("a count of " + count + " does not fit the frame");
        }
        return count;
    }

    private static int readLength(ByteBuf in) {
        need(in, 4);
        int length = in.readInt();
        if (length < -1) {
            throw new ProtocolException("a length of " + length);
        }
        if (length > 0) {
            need(in, length);
        }
        return length;
    }

    static void need(ByteBuf in, int bytes) {
        if (in.readableBytes() < bytes) {
            throw new ProtocolException("the frame ends " + (bytes - in.readableBytes()) + " bytes early");
        }
    }
}
