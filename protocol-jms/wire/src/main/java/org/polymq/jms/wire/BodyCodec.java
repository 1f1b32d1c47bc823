/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The bodies of map and stream messages, made of {@link Values}. */
public final class BodyCodec {
    private BodyCodec() {}

    /** The body of a map message: an int count, then name and value of each. */
    public static byte[] encodeMap(Map<String, @Nullable Object> items) {
        ByteBuf out = Unpooled.buffer();
        out.writeInt(items.size());
        items.forEach((name, value) -> {
            Values.writeString(out, name);
            Values.write(out, value);
        });
        return ByteBufUtil.getBytes(out);
    }

    /**
     * The items of a map message in their order.
     *
     * @throws ProtocolException if the bytes are none
     */
    public static Map<String, @Nullable Object> decodeMap(byte[] body) {
        ByteBuf in = Unpooled.wrappedBuffer(body);
        int count = Values.readCount(in, 5);
        Map<String, @Nullable Object> items = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            items.put(Values.readString(in), Values.read(in));
        }
        return items;
    }

    /** The body of a stream message: values to the end. */
    public static byte[] encodeStream(List<@Nullable Object> items) {
        ByteBuf out = Unpooled.buffer();
        items.forEach(value -> Values.write(out, value));
        return ByteBufUtil.getBytes(out);
    }

    /**
     * The values of a stream message.
     *
     * @throws ProtocolException if the bytes are none
     */
    public static List<@Nullable Object> decodeStream(byte[] body) {
        ByteBuf in = Unpooled.wrappedBuffer(body);
        List<@Nullable Object> items = new ArrayList<>();
        while (in.isReadable()) {
            items.add(Values.read(in));
        }
        return items;
    }
}
