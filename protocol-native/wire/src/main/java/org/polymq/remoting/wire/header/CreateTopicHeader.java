/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 17: make a topic, or change the one that is there. */
public record CreateTopicHeader(
        String topic,
        String defaultTopic,
        int readQueueNums,
        int writeQueueNums,
        int perm,
        String topicFilterType,
        int topicSysFlag,
        boolean order,
        String attributes) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static CreateTopicHeader of(ExtFields fields) {
        return new CreateTopicHeader(
                fields.string("topic"),
                fields.string("defaultTopic"),
                fields.integer("readQueueNums"),
                fields.integer("writeQueueNums"),
                fields.integer("perm"),
                fields.string("topicFilterType", "SINGLE_TAG"),
                fields.integer("topicSysFlag", 0),
                fields.flag("order", false),
                fields.string("attributes", ""));
    }
}
