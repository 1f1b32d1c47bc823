/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

/** A RocketMQ producer of transactional messages. */
public interface TransactionClient extends AutoCloseable {
    /** What the application says of a message. */
    enum Decision {
        COMMIT,
        ROLLBACK,
        UNKNOWN
    }

    /** What the application says when the broker asks about a message; called by threads of the client. */
    interface Application {
        Decision asked(String text);
    }

    /** Sends a message and says what becomes of it, or leaves it open; returns when the broker has the half message. */
    void send(String topic, String text, Decision decision) throws Exception;

    @Override
    void close();
}
