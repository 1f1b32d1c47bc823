/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;

/**
 * Codes 10, 310 and 320 (and the replies 324 and 325): one message, or a batch of them, for a queue.
 *
 * @param defaultTopic the topic whose settings a topic made by this send takes
 * @param queueId -1 lets the broker choose
 * @param bornTimestamp ms
 * @param properties {@code name \u0001 value \u0002 ...}; empty when not sent
 * @param maxReconsumeTimes -1 when not sent
 * @param batch whether the body holds many messages
 */
public record SendHeader(
        String producerGroup,
        String topic,
        String defaultTopic,
        int defaultTopicQueueNums,
        int queueId,
        int sysFlag,
        long bornTimestamp,
        int flag,
        String properties,
        int reconsumeTimes,
        int maxReconsumeTimes,
        boolean batch) {

    /**
     * Reads the header of a send request; codes 310, 320 and 325 have one-letter names.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static SendHeader of(RemotingCommand request) {
        int code = request.code();
        boolean longNames = code == RequestCode.SEND_MESSAGE || code == RequestCode.SEND_REPLY_MESSAGE;
        return longNames ? longNames(request.fields()) : letters(request.fields());
    }

    private static SendHeader letters(ExtFields fields) {
        return new SendHeader(
                fields.string("a"),
                fields.string("b"),
                fields.string("c"),
                fields.integer("d"),
                fields.integer("e"),
                fields.integer("f"),
                fields.number("g"),
                fields.integer("h"),
                fields.string("i", ""),
                fields.integer("j", 0),
                fields.integer("l", -1),
                fields.flag("m", false));
    }

    private static SendHeader longNames(ExtFields fields) {
        return new SendHeader(
                fields.string("producerGroup"),
                fields.string("topic"),
                fields.string("defaultTopic"),
                fields.integer("defaultTopicQueueNums"),
                fields.integer("queueId"),
                fields.integer("sysFlag"),
                fields.number("bornTimestamp"),
                fields.integer("flag"),
                fields.string("properties", ""),
                fields.integer("reconsumeTimes", 0),
                fields.integer("maxReconsumeTimes", -1),
                fields.flag("batch", false));
    }
}
