/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.half.HalfMessage;
import org.polymq.broker.half.HalfMessages;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.topic.Topic;

/** What becomes of a half message: the records that its end leaves in the log. Stateless. */
final class HalfSend {
    private static final int COMMITTED = 0x8;

    private HalfSend() {}

    /** How long the producer of a message wants not to be asked about it, ms; negative if it does not say. */
    static long immunityMillis(String properties) {
        String seconds = NativeProperties.get(properties, NativeNames.CHECK_IMMUNITY_SECONDS);
        if (seconds == null || !seconds.matches("\\d{1,9}")) {
            return -1;
        }
        return Long.parseLong(seconds) * 1_000;
    }

    /** The producer group that is asked: the one in the properties, as RocketMQ has it, or the request's. */
    static String group(String properties, String requested) {
        @Nullable String named = NativeProperties.get(properties, NativeNames.PGROUP);
        return named == null ? requested : named;
    }

    /** The record of the message as consumers get it. */
    static ByteBuffer committed(
            HalfMessages halves, HalfMessage half, Topic topic, NativeTopicNames names, NativeEncoder encoder) {
        StoredMessage stored = halves.read(half);
        Message message = stored.toNativeMessage();
        String properties = NativeProperties.without(stored.propertiesForNative(), NativeNames.TRAN_MSG);
        ByteBuffer record = new Restored(message, properties, message.reconsumeTimes())
                .encode(encoder, topic, names.of(stored.nativeTopic()), stored.queueId(), 0);
        MessageRecord.setTransaction(record, COMMITTED, half.position());
        return record;
    }

    /** The record of a message that nobody decided about in time, for the topic where an operator finds it. */
    static ByteBuffer discarded(
            HalfMessages halves, HalfMessage half, Topic topic, NativeTopicNames.Name name, NativeEncoder encoder) {
        StoredMessage stored = halves.read(half);
        Message message = stored.toNativeMessage();
        String properties = NativeProperties.with(
                NativeProperties.with(
                        NativeProperties.without(stored.propertiesForNative(), NativeNames.TRAN_MSG),
                        NativeNames.REAL_TOPIC,
                        stored.nativeTopic()),
                NativeNames.REAL_QUEUE,
                Integer.toString(stored.queueId()));
        properties = NativeProperties.with(
                NativeProperties.without(properties, NativeNames.TOPIC_PATH),
                NativeNames.CHECK_TIMES,
                Integer.toString(half.checks()));
        ByteBuffer record =
                new Restored(message, properties, message.reconsumeTimes()).encode(encoder, topic, name, 0, 0);
        MessageRecord.setTransaction(record, 0, half.position());
        return record;
    }
}
