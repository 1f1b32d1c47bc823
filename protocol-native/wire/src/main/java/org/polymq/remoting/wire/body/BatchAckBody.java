/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.stream.LongStream;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.header.Receipt;

/** The body of code 200151: messages of several receipts are done with. */
public record BatchAckBody(List<Acks> acks) {
    private static final int MOST_CHARACTERS = 4_096;

    public BatchAckBody {
        acks = List.copyOf(acks);
    }

    /**
     * Messages that one POP gave from one queue.
     *
     * @param offsets those that are done
     */
    public record Acks(String consumerGroup, String topic, int queueId, Receipt receipt, List<Long> offsets) {
        public Acks {
            offsets = List.copyOf(offsets);
        }
    }

    public static BatchAckBody of(byte[] body) {
        return new BatchAckBody(JsonFields.objects(JsonSafety.object(body), "acks", BatchAckBody::acks));
    }

    private static Acks acks(JSONObject json) {
        int queueId = JsonFields.integer(json, "q", 0);
        long start = JsonFields.number(json, "so", 0);
        BitSet done = bits(JsonFields.string(json, "b", ""));
        return new Acks(
                JsonFields.string(json, "c"),
                JsonFields.string(json, "t"),
                queueId,
                new Receipt(
                        JsonFields.number(json, "pt", 0),
                        JsonFields.number(json, "it", 0),
                        JsonFields.integer(json, "rq", 0),
                        queueId),
                LongStream.range(0, done.length())
                        .filter(bit -> done.get((int) bit))
                        .map(bit -> start + bit)
                        .boxed()
                        .toList());
    }

    private static BitSet bits(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw JsonFields.wrong("b", "a bit set of at most " + MOST_CHARACTERS + " characters in base 64");
        }
        try {
            return BitSet.valueOf(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw JsonFields.wrong("b", "a bit set in base 64");
        }
    }
}
