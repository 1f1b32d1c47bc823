/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames into a buffer.
 *
 * <p>A body of many parts is written between {@link #begin} and {@link #end}, straight into the buffer.
 */
public final class FrameWriter {
    private static final byte[] CODE = ascii("{\"code\":");
    private static final byte[] FIELDS = ascii(",\"extFields\":{");
    private static final byte[] FLAG = ascii(",\"flag\":");
    private static final byte[] LANGUAGE = ascii(",\"language\":\"");
    private static final byte[] OPAQUE = ascii("\",\"opaque\":");
    private static final byte[] REMARK = ascii(",\"remark\":");
    private static final byte[] VERSION = ascii(",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":");
    private static final byte[] HEX = ascii("0123456789ABCDEF");

    private FrameWriter() {}

    /** Appends a whole frame. */
    public static void write(ByteBuf out, RemotingCommand command) {
        int start = begin(out, command);
        ByteBuf body = command.bodyView();
        out.writeBytes(body, body.readerIndex(), body.readableBytes());
        end(out, start);
    }

    /**
     * Appends a frame's head without its body.
     *
     * @return what {@link #end} needs to know
     */
    public static int begin(ByteBuf out, RemotingCommand command) {
        int start = out.writerIndex();
        out.writeLong(0);
        if (command.format() == HeaderFormat.JSON) {
            json(out, command);
        } else {
            binary(out, command);
        }
        int headerLength = out.writerIndex() - start - 8;
        out.setInt(start + 4, command.format().id() << 24 | headerLength);
        return start;
    }

    /** Completes the frame begun at {@code start}: everything written since is its body. */
    public static void end(ByteBuf out, int start) {
        out.setInt(start, out.writerIndex() - start - 4);
    }

    private static void json(ByteBuf out, RemotingCommand command) {
        out.writeBytes(CODE);
        decimal(out, command.code());
        ExtFields fields = command.fields();
        if (!fields.isEmpty()) {
            out.writeBytes(FIELDS);
            for (int i = 0; i < fields.count(); i++) {
                if (i > 0) {
                    out.writeByte(',');
                }
                quoted(out, fields.name(i));
                out.writeByte(':');
                quoted(out, fields.value(i));
            }
            out.writeByte('}');
        }
        out.writeBytes(FLAG);
        decimal(out, command.flag());
        out.writeBytes(LANGUAGE);
        ByteBufUtil.writeAscii(out, command.language().name());
        out.writeBytes(OPAQUE);
        decimal(out, command.opaque());
        String remark = command.remark();
        if (remark != null) {
            out.writeBytes(REMARK);
            quoted(out, remark);
        }
        out.writeBytes(VERSION);
        decimal(out, command.version());
        out.writeByte('}');
    }

    private static void binary(ByteBuf out, RemotingCommand command) {
        out.writeShort(command.code());
        out.writeByte(command.language().number());
        out.writeShort(command.version());
        out.writeInt(command.opaque());
        out.writeInt(command.flag());
        String remark = command.remark();
        if (remark == null) {
            out.writeInt(0);
        } else {
            longText(out, remark);
        }
        ExtFields fields = command.fields();
        int at = out.writerIndex();
        out.writeInt(0);
        for (int i = 0; i < fields.count(); i++) {
            int nameAt = out.writerIndex();
            out.writeShort(0);
            int length = ByteBufUtil.writeUtf8(out, fields.name(i));
            out.setShort(nameAt, length);
            longText(out, fields.value(i));
        }
        out.setInt(at, out.writerIndex() - at - 4);
    }

    private static void longText(ByteBuf out, String text) {
        int at = out.writerIndex();
        out.writeInt(0);
        int length = ByteBufUtil.writeUtf8(out, text);
        out.setInt(at, length);
    }

    private static void decimal(ByteBuf out, int number) {
        if (number >= 0 && number < 10) {
            out.writeByte('0' + number);
        } else {
            ByteBufUtil.writeAscii(out, Integer.toString(number));
        }
    }

    private static void quoted(ByteBuf out, @Nullable String text) {
        out.writeByte('"');
        if (text != null) {
            int plainFrom = 0;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c >= 0x20 && c != '"' && c != '\\') {
                    continue;
                }
                ByteBufUtil.writeUtf8(out, text, plainFrom, i);
                plainFrom = i + 1;
                escaped(out, c);
            }
            ByteBufUtil.writeUtf8(out, text, plainFrom, text.length());
        }
        out.writeByte('"');
    }

    private static void escaped(ByteBuf out, char c) {
        out.writeByte('\\');
        if (c == '"' || c == '\\') {
            out.writeByte(c);
        } else {
            out.writeByte('u').writeByte('0').writeByte('0');
            out.writeByte(HEX[c >> 4]).writeByte(HEX[c & 0xF]);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
