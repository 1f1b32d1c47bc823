/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * RocketMQ clients compress bodies above 4 KB between themselves (sysFlag 0x1; 0x700 says how). Other protocols get
 * them plain.
 */
final class NativeCompression {
    /** Says how a body is compressed that could not be made plain. */
    static final String PROPERTY = "NATIVE_COMPRESSION";

    private static final int COMPRESSED = 0x1;
    private static final int TYPE = 0x700;
    // A bomb of a few kilobytes must not fill the heap, also where several connections read it at once.
    private static final int MAX_BYTES = 16 << 20;

    private NativeCompression() {}

    static void undo(int sysFlag, ByteBuffer body, Message.Builder into) {
        if ((sysFlag & COMPRESSED) == 0) {
            return;
        }
        String type = switch (sysFlag & TYPE) {
            case 0, 0x300 -> "ZLIB";
            case 0x100 -> "LZ4";
            case 0x200 -> "ZSTD";
            default -> "unknown";
        };
        byte[] plain = type.equals("ZLIB") ? inflate(body) : null;
        into.nativeProperties = null;
        if (plain == null) {
            List<Property> properties = new ArrayList<>(into.properties);
            properties.add(Property.of(PROPERTY, type));
            into.properties(properties);
        } else {
            into.body(BodyKind.BYTES, plain).nativeSysFlag(sysFlag & ~(COMPRESSED | TYPE));
        }
    }

    private static byte @Nullable [] inflate(ByteBuffer body) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(body);
            ByteArrayOutputStream out = new ByteArrayOutputStream(4 * body.remaining());
            byte[] part = new byte[8192];
            while (!inflater.finished()) {
                int n = inflater.inflate(part);
                if ((n == 0 && (inflater.needsInput() || inflater.needsDictionary())) || out.size() + n > MAX_BYTES) {
                    return null;
                }
                out.write(part, 0, n);
            }
            return out.toByteArray();
        } catch (DataFormatException e) {
            // The client said so, but it is not zlib: the body is shown as it is.
            return null;
        } finally {
            inflater.end();
        }
    }
}
