/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Codes 215, 216 and 217: a topic by name; the cluster is empty when not sent. */
public record TopicHeader(String topic, String clusterName) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static TopicHeader of(ExtFields fields) {
        return new TopicHeader(fields.string("topic"), fields.string("clusterName", ""));
    }

    /** The fields that carry this header. */
    public ExtFields toFields() {
        return new ExtFields().with("topic", topic).with("clusterName", clusterName);
    }
}
