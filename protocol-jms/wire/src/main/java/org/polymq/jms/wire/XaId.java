/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The name of a transaction branch (X/Open XA). Compared by content.
 *
 * @param format the transaction manager's format id
 * @param global the global transaction's id, at most 64 bytes; owned by this record
 * @param qualifier the branch's qualifier, at most 64 bytes; owned by this record
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content, see equals
public record XaId(int format, byte[] global, byte[] qualifier) {
    private static final int MAX_BYTES = 64;

    void write(ByteBuf out) {
        out.writeInt(format).writeByte(global.length).writeBytes(global);
        out.writeByte(qualifier.length).writeBytes(qualifier);
    }

    /** @throws ProtocolException if the bytes are none */
    static XaId read(ByteBuf in) {
        Values.need(in, 4);
        return new XaId(in.readInt(), readPart(in), readPart(in));
    }

    private static byte[] readPart(ByteBuf in) {
        Values.need(in, 1);
        int length = in.readByte();
        if (length < 0 || length > MAX_BYTES) {
            throw new ProtocolException("a transaction id of " + length + " bytes");
        }
        Values.need(in, length);
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof XaId that
                && format == that.format
                && Arrays.equals(global, that.global)
                && Arrays.equals(qualifier, that.qualifier);
    }

    @Override
    public int hashCode() {
        return (31 * Arrays.hashCode(global) + Arrays.hashCode(qualifier)) * 31 + format;
    }

    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return format + ":" + hex.formatHex(global) + ":" + hex.formatHex(qualifier);
    }
}
