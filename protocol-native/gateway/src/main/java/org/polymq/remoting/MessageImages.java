/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.polymq.broker.message.StoredMessage;

/** Messages as native clients read them, one after the other, as many as an answer holds. */
final class MessageImages {
    /** A frame has 16 MB at most. */
    private static final int MOST_BYTES = 12 << 20;

    private final int maxMessage;
    private final NativeConnection client;
    private final ByteBuf out = Unpooled.buffer();

    /** {@code maxMessage} bytes: larger ones are left out. */
    MessageImages(int maxMessage, NativeConnection client) {
        this.maxMessage = maxMessage;
        this.client = client;
    }

    void add(StoredMessage message) {
        if (message.wholeSize() <= maxMessage && out.readableBytes() + message.wholeSize() <= MOST_BYTES) {
            message.copyNativeImage(out, client.storeHost());
        }
    }

    boolean isEmpty() {
        return !out.isReadable();
    }

    byte[] bytes() {
        return ByteBufUtil.getBytes(out);
    }
}
