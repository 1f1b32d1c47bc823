/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

/** A RocketMQ producer that chooses the queue of each message. Used by one thread at a time. */
public interface QueueSender extends AutoCloseable {
    /** Makes a topic. */
    void create(String topic, int queues) throws Exception;

    /** Sends to one queue; returns when the broker has it. */
    void send(String topic, int queue, byte[] body) throws Exception;

    @Override
    void close();
}
