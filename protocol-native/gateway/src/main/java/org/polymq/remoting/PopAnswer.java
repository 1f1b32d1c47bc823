/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Delivery;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;

/** Writes the answer to a POP: messages, and what a client needs to build their receipts. Stateless. */
final class PopAnswer {
    private static final int HEAD = 512;
    /** Where the image of a message has the length of its born host: bit 0x10 of the system flag. */
    private static final int SYS_FLAG = 36;

    private static final int BEFORE_BORN_HOST = 48;
    private static final int STORE_TIME = 8;

    private PopAnswer() {}

    /**
     * What is the same for all messages of an answer.
     *
     * @param reviveQueue marks orderly consumption
     * @param rest about how many messages are left
     */
    record Head(long popTime, long invisibleTime, int reviveQueue, long rest) {
        ExtFields fields() {
            return new ExtFields()
                    .with("popTime", popTime)
                    .with("invisibleTime", invisibleTime)
                    .with("reviveQid", reviveQueue)
                    .with("restNum", rest);
        }
    }

    /** One message to hand over. */
    record Item(int queueId, Delivery delivery, StoredMessage message) {}

    static RemotingCommand none(RemotingCommand request, int code, String remark, Head head) {
        return request.answer(code, remark, head.fields());
    }

    static ByteBuf found(RemotingCommand request, Head head, boolean order, List<Item> items, NativeConnection to) {
        int size = HEAD;
        for (Item item : items) {
            size += item.message().nativeSize(to.storeHost());
        }
        ExtFields fields = head.fields();
        offsets(items, order, fields);
        ByteBuf out = to.channel().alloc().buffer(size);
        int start = FrameWriter.begin(out, request.answer(ResponseCode.SUCCESS, "FOUND", fields));
        for (Item item : items) {
            int at = out.writerIndex();
            StoredMessage.copyNativeImage(
                    item.message().record(),
                    out,
                    item.delivery().offset(),
                    item.delivery().position(),
                    to.storeHost());
            addReturns(out, at, item.delivery().deliveryCount() - 1, to.storeHost().length);
        }
        FrameWriter.end(out, start);
        return out;
    }

    /** A message shows how often this group had it before. */
    private static void addReturns(ByteBuf out, int image, int returns, int storeHost) {
        if (returns > 0) {
            int bornHost = (out.getInt(image + SYS_FLAG) & 0x10) == 0 ? 8 : 20;
            int at = image + BEFORE_BORN_HOST + bornHost + STORE_TIME + storeHost;
            out.setInt(at, out.getInt(at) + returns);
        }
    }

    // ExtraInfoUtil of RocketMQ: "retry flag, queue, offset(s)" separated by spaces, joined by semicolons.
    private static void offsets(List<Item> items, boolean order, ExtFields fields) {
        Map<Integer, List<Item>> byQueue = new LinkedHashMap<>();
        items.forEach(item -> byQueue.computeIfAbsent(item.queueId(), queue -> new ArrayList<>())
                .add(item));
        List<String> starts = new ArrayList<>();
        List<String> offsets = new ArrayList<>();
        List<String> counts = new ArrayList<>();
        byQueue.forEach((queue, ofQueue) -> {
            List<String> each = new ArrayList<>();
            long first = Long.MAX_VALUE;
            for (Item item : ofQueue) {
                long offset = item.delivery().offset();
                first = Math.min(first, offset);
                each.add(Long.toString(offset));
                if (item.delivery().deliveryCount() > 1) {
                    counts.add("0 qo" + queue + "%" + offset + " "
                            + (item.delivery().deliveryCount() - 1));
                }
            }
            starts.add("0 " + queue + " " + first);
            offsets.add("0 " + queue + " " + String.join(",", each));
        });
        fields.with("startOffsetInfo", String.join(";", starts)).with("msgOffsetInfo", String.join(";", offsets));
        if (order && !counts.isEmpty()) {
            fields.with("orderCountInfo", String.join(";", counts));
        }
    }
}
