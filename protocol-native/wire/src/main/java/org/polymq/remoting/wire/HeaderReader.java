/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import com.alibaba.fastjson2.JSONException;
import com.alibaba.fastjson2.JSONReader;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads both header layouts from bytes. Confined to one connection. */
final class HeaderReader {
    private static final String[] ONE_LETTER = new String[128];

    static {
        for (char c = 0; c < ONE_LETTER.length; c++) {
            ONE_LETTER[c] = String.valueOf(c);
        }
    }

    private final int maxFields;

    HeaderReader(int maxFields) {
        this.maxFields = maxFields;
    }

    // ---- {"code":..,"extFields":{..},"flag":..,"language":"JAVA","opaque":..,"remark":..,"version":..}

    RemotingCommand json(byte[] bytes, int length, ByteBuf body) {
        try (JSONReader reader = JSONReader.of(bytes, 0, length, StandardCharsets.UTF_8, JsonSafety.readContext())) {
            return json(reader, body);
        } catch (JSONException | NumberFormatException | IndexOutOfBoundsException e) {
            throw new MalformedFrameException("the header is no JSON object of a remoting command", e);
        }
    }

    private RemotingCommand json(JSONReader reader, ByteBuf body) {
        if (!reader.nextIfObjectStart()) {
            throw new MalformedFrameException("the header is no JSON object");
        }
        int code = 0;
        int version = 0;
        int opaque = 0;
        int flag = 0;
        Language language = Language.JAVA;
        String remark = null;
        ExtFields fields = ExtFields.none();
        while (!reader.nextIfObjectEnd()) {
            String name = reader.readFieldName();
            if (name == null) {
                throw new MalformedFrameException("the header's JSON object is not closed");
            }
            switch (name) {
                case "code" -> code = reader.readInt32Value();
                case "flag" -> flag = reader.readInt32Value();
                case "opaque" -> opaque = reader.readInt32Value();
                case "version" -> version = reader.readInt32Value();
                case "language" -> language = languageOf(reader.readString());
                case "remark" -> remark = reader.readString();
                case "extFields" -> fields = jsonFields(reader);
                default -> skipPlain(reader, name);
            }
        }
        return new RemotingCommand(HeaderFormat.JSON, code, language, version, opaque, flag, remark, fields, body);
    }

    /** Nothing nested is skipped: fastjson does that by recursion without a bound. */
    private static void skipPlain(JSONReader reader, String name) {
        if (reader.isObject() || reader.isArray()) {
            throw new MalformedFrameException("the header's member " + name + " is no plain value");
        }
        reader.skipValue();
    }

    private static Language languageOf(@Nullable String name) {
        return name == null ? Language.OTHER : Language.of(name);
    }

    private ExtFields jsonFields(JSONReader reader) {
        if (reader.nextIfNull()) {
            return ExtFields.none();
        }
        if (!reader.nextIfObjectStart()) {
            throw new MalformedFrameException("extFields is no JSON object");
        }
        ExtFields fields = new ExtFields(16);
        while (!reader.nextIfObjectEnd()) {
            String name = reader.readFieldName();
            if (name == null) {
                throw new MalformedFrameException("extFields is not closed");
            }
            if (reader.isObject() || reader.isArray()) {
                throw new MalformedFrameException("a value in extFields is no string");
            }
            String value = reader.readString();
            if (value != null) {
                fields.with(name, value);
                checkCount(fields);
            }
        }
        return fields;
    }

    private void checkCount(ExtFields fields) {
        if (fields.count() > maxFields) {
            throw new MalformedFrameException("more than " + maxFields + " extension fields in a header");
        }
    }

    // ---- int16 code, int8 language, int16 version, int32 opaque, int32 flag, remark, fields

    RemotingCommand binary(byte[] bytes, int length, ByteBuf body) {
        if (length < 21) {
            throw new MalformedFrameException("a binary header of " + length + " bytes is shorter than 21");
        }
        int code = int16(bytes, 0);
        Language language = Language.of(bytes[2]);
        int version = int16(bytes, 3);
        int opaque = int32(bytes, 5);
        int flag = int32(bytes, 9);
        int remarkLength = int32(bytes, 13);
        int at = 17;
        String remark = null;
        if (remarkLength != 0) {
            need(remarkLength, length - at - 4, "remark");
            remark = text(bytes, at, remarkLength);
            at += remarkLength;
        }
        int fieldsLength = int32(bytes, at);
        at += 4;
        need(fieldsLength, length - at, "extension fields");
        ExtFields fields = binaryFields(bytes, at, at + fieldsLength);
        return new RemotingCommand(HeaderFormat.BINARY, code, language, version, opaque, flag, remark, fields, body);
    }

    private ExtFields binaryFields(byte[] bytes, int start, int end) {
        if (start == end) {
            return ExtFields.none();
        }
        ExtFields fields = new ExtFields(16);
        int at = start;
        while (at < end) {
            need(2, end - at, "field name length");
            int nameLength = int16(bytes, at) & 0xFFFF;
            at += 2;
            need(nameLength, end - at, "field name");
            String name = name(bytes, at, nameLength);
            at += nameLength;
            need(4, end - at, "field value length");
            int valueLength = int32(bytes, at);
            at += 4;
            need(valueLength, end - at, "field value");
            fields.with(name, text(bytes, at, valueLength));
            at += valueLength;
            checkCount(fields);
        }
        return fields;
    }

    private static void need(int wanted, int left, String what) {
        if (wanted < 0 || wanted > left) {
            throw new MalformedFrameException(
                    "the " + what + " of " + wanted + " bytes does not fit the " + left + " bytes left in the header");
        }
    }

    /** The send header has one-letter names: those are not made anew each time. */
    private static String name(byte[] bytes, int at, int length) {
        return length == 1 && bytes[at] >= 0 ? ONE_LETTER[bytes[at]] : text(bytes, at, length);
    }

    private static String text(byte[] bytes, int at, int length) {
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }

    private static int int16(byte[] bytes, int at) {
        return (short) ((bytes[at] << 8) | (bytes[at + 1] & 0xFF));
    }

    private static int int32(byte[] bytes, int at) {
        return (bytes[at] << 24)
                | ((bytes[at + 1] & 0xFF) << 16)
                | ((bytes[at + 2] & 0xFF) << 8)
                | (bytes[at + 3] & 0xFF);
    }
}
