/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

/** What a topic is for. It is kept in the log; using one kind as the other is refused. */
public enum TopicKind {
    /** Every subscription gets each message. */
    TOPIC(0),
    /** All consumers compete for each message, through one shared durable subscription. */
    QUEUE(1);

    private final int code;

    TopicKind(int code) {
        this.code = code;
    }

    /** The number in records. */
    int code() {
        return code;
    }

    static TopicKind of(int code) {
        return code == QUEUE.code ? QUEUE : TOPIC;
    }
}
