/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.List;
import java.util.function.Consumer;

/** A RocketMQ application with one producer and one push consumer, seen as an operator sees it. */
public interface NativeClient extends AutoCloseable {
    /**
     * A stored message.
     *
     * @param id the id its producer made
     * @param offsetId the id the broker gave
     */
    record Sent(String id, String offsetId, int queueId, long offset) {}

    /** A message as the consumer got it. */
    record Got(int queueId, long offset, String text) {}

    /** Sends a text to the next queue, with key and tag if they are not empty. */
    Sent send(String topic, String text, String key, String tag) throws Exception;

    /** Sends a text to a queue. */
    Sent send(String topic, int queueId, String text) throws Exception;

    /** Begins to consume: one message at a time, each queue in order. */
    default void consume(String group, String topic) throws Exception {
        consume(group, topic, message -> {});
    }

    /** The same; a message counts as consumed when {@code application} returns. */
    void consume(String group, String topic, Consumer<Got> application) throws Exception;

    /** What it got so far. */
    List<Got> got();

    /** Its id, as tools show it. */
    String consumerId();

    @Override
    void close();
}
