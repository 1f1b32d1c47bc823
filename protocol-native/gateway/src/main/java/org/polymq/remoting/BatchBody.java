/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ResponseCode;

/** The body of code 320: messages one behind the other. */
final class BatchBody {
    /** An inner message before its body: total, magic, crc, flag and body length, 4 bytes each. */
    private static final int HEAD = 20;

    private BatchBody() {}

    /** Where the parts of one message lie in the body. */
    record Inner(int flag, int bodyAt, int bodyLength, int propertiesAt, int propertiesLength) {}

    /**
     * Gives each message.
     *
     * @throws BadRequestException MESSAGE_ILLEGAL when the body is cut off or empty
     */
    static void forEach(ByteBuf body, Consumer<Inner> each) {
        int at = body.readerIndex();
        int end = at + body.readableBytes();
        if (at == end) {
            throw new BadRequestException(ResponseCode.MESSAGE_ILLEGAL, "the batch holds no message");
        }
        while (at < end) {
            need(HEAD, end - at);
            int flag = body.getInt(at + 12);
            int bodyLength = body.getInt(at + 16);
            int bodyAt = at + HEAD;
            need(bodyLength, end - bodyAt - 2);
            int propertiesAt = bodyAt + bodyLength + 2;
            int propertiesLength = body.getUnsignedShort(propertiesAt - 2);
            need(propertiesLength, end - propertiesAt);
            each.accept(new Inner(flag, bodyAt, bodyLength, propertiesAt, propertiesLength));
            at = propertiesAt + propertiesLength;
        }
    }

    private static void need(int wanted, int left) {
        if (wanted < 0 || wanted > left) {
            throw new BadRequestException(
                    ResponseCode.MESSAGE_ILLEGAL,
                    "the batch is cut off: " + wanted + " bytes wanted where " + left + " are left");
        }
    }
}
