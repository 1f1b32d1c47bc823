/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * The bytes of map and stream bodies. Big endian, as {@link java.io.DataOutput} writes:
 *
 * <pre>
 *  0 null     1 boolean (1 byte)  2 byte        3 short     4 char (2 bytes)  5 int
 *  6 long     7 float             8 double      9 string (int length, UTF-8)  10 bytes (int length, bytes)
 *
 *  item   = type byte, data
 *  STREAM = item ... to the end
 *  MAP    = int count, then count times: name (int length, UTF-8), item
 * </pre>
 */
public final class TypedItems {
    private TypedItems() {}

    /** One item: a name in a map, "" in a stream; a boxed value, String, byte[] or null. */
    public record Item(String name, @Nullable Object value) {}

    /**
     * Checks a body that a client sent.
     *
     * @throws BrokerException INVALID_MESSAGE if the bytes are not what the kind says
     */
    public static void check(BodyKind kind, ByteBuffer body) {
        read(kind, body);
    }

    /**
     * The items of a MAP or STREAM body, in order.
     *
     * @throws BrokerException INVALID_MESSAGE if the bytes are malformed
     */
    public static List<Item> read(BodyKind kind, ByteBuffer body) {
        ByteBuffer in = body.duplicate().order(ByteOrder.BIG_ENDIAN);
        List<Item> items = new ArrayList<>();
        if (kind == BodyKind.STREAM) {
            while (in.hasRemaining()) {
                items.add(new Item("", value(in)));
            }
            return items;
        }
        if (kind != BodyKind.MAP) {
            throw new IllegalArgumentException("no items in a body of kind " + kind);
        }
        int count = need(in, 4).getInt();
        // Each entry has at least 5 bytes: a count beyond that is a lie.
        if (count < 0 || count > in.remaining() / 5) {
            throw malformed("a map of " + count + " entries in " + in.remaining() + " bytes");
        }
        for (int i = 0; i < count; i++) {
            String name = string(in);
            items.add(new Item(name, value(in)));
        }
        if (in.hasRemaining()) {
            throw malformed(in.remaining() + " bytes after a map's last entry");
        }
        return items;
    }

    private static @Nullable Object value(ByteBuffer in) {
        int type = need(in, 1).get();
        return switch (type) {
            case 0 -> null;
            case 1 -> need(in, 1).get() != 0;
            case 2 -> need(in, 1).get();
            case 3 -> need(in, 2).getShort();
            case 4 -> need(in, 2).getChar();
            case 5 -> need(in, 4).getInt();
            case 6 -> need(in, 8).getLong();
            case 7 -> need(in, 4).getFloat();
            case 8 -> need(in, 8).getDouble();
            case 9 -> string(in);
            case 10 -> bytes(in);
            default -> throw malformed("an item of type " + type);
        };
    }

    private static String string(ByteBuffer in) {
        int length = length(in);
        ByteBuffer text = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw new BrokerException(Reason.INVALID_MESSAGE, "a string that is not UTF-8", e);
        }
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[length(in)];
        in.get(bytes);
        return bytes;
    }

    private static int length(ByteBuffer in) {
        int length = need(in, 4).getInt();
        if (length < 0 || length > in.remaining()) {
            throw malformed("a length of " + length + " with " + in.remaining() + " bytes left");
        }
        return length;
    }

    private static ByteBuffer need(ByteBuffer in, int bytes) {
        if (in.remaining() < bytes) {
            throw malformed("an item cut short");
        }
        return in;
    }

    private static BrokerException malformed(String what) {
        return new BrokerException(Reason.INVALID_MESSAGE, "malformed map or stream body: " + what);
    }

    /** Writes items; the inverse of {@link #read}. */
    public static byte[] write(BodyKind kind, List<Item> items) {
        ByteWriter out = new ByteWriter();
        if (kind == BodyKind.MAP) {
            out.putInt(items.size());
        } else if (kind != BodyKind.STREAM) {
            throw new IllegalArgumentException("no items in a body of kind " + kind);
        }
        for (Item item : items) {
            if (kind == BodyKind.MAP) {
                out.putString(item.name());
            }
            write(out, item.value());
        }
        return out.toBytes();
    }

    private static void write(ByteWriter out, @Nullable Object value) {
        if (value == null) {
            out.put(0);
        } else if (value instanceof Character c) {
            out.put(4);
            out.putShort(c);
        } else {
            Property.Type type = Property.of("", value).type();
            out.put(type.code());
            writeValue(out, type, value);
        }
    }

    static void writeValue(ByteWriter out, Property.Type type, Object value) {
        switch (type) {
            case BOOLEAN -> out.put((Boolean) value ? 1 : 0);
            case BYTE -> out.put((Byte) value);
            case SHORT -> out.putShort((Short) value);
            case INT -> out.putInt((Integer) value);
            case LONG -> out.putLong((Long) value);
            case FLOAT -> out.putInt(Float.floatToRawIntBits((Float) value));
            case DOUBLE -> out.putLong(Double.doubleToRawLongBits((Double) value));
            case STRING -> out.putString((String) value);
            case BYTES -> {
                byte[] bytes = (byte[]) value;
                out.putInt(bytes.length);
                out.put(bytes);
            }
        }
    }

    /** A property list in the form of a map: names may repeat, no value is null or a char. */
    static void writeProperties(ByteWriter out, List<Property> properties) {
        out.putInt(properties.size());
        for (Property property : properties) {
            out.putString(property.name());
            out.put(property.type().code());
            writeValue(out, property.type(), property.value());
        }
    }

    static List<Property> readProperties(ByteBuffer in) {
        List<Property> properties = new ArrayList<>();
        for (Item item : read(BodyKind.MAP, in)) {
            Object value = item.value();
            if (value == null) {
                throw malformed("a property without a value");
            }
            properties.add(Property.of(item.name(), value));
        }
        return properties;
    }

    /**
     * The body as JSON: an object for a map (of repeated names the last), an array for a stream. Characters and strings
     * are strings, bytes are Base64 strings, numbers that JSON lacks (NaN, infinities) are strings.
     *
     * @throws BrokerException INVALID_MESSAGE if the bytes are malformed
     */
    public static String toJson(BodyKind kind, ByteBuffer body) {
        List<Item> items = read(kind, body);
        boolean map = kind == BodyKind.MAP;
        StringBuilder json = new StringBuilder(map ? "{" : "[");
        for (int i = 0; i < items.size(); i++) {
            json.append(i == 0 ? "" : ",");
            if (map) {
                quote(json, items.get(i).name());
                json.append(':');
            }
            json(json, items.get(i).value());
        }
        return json.append(map ? '}' : ']').toString();
    }

    private static void json(StringBuilder json, @Nullable Object value) {
        if (value instanceof byte[] bytes) {
            quote(json, Base64.getEncoder().encodeToString(bytes));
        } else if (value == null || value instanceof Boolean || (value instanceof Number n && isFinite(n))) {
            json.append(value);
        } else {
            quote(json, value.toString());
        }
    }

    private static boolean isFinite(Number number) {
        return !(number instanceof Double || number instanceof Float) || Double.isFinite(number.doubleValue());
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7F || c == '\u2028' || c == '\u2029') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
