/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/** A client of some protocol that asks and answers in its protocol's way. Used by one thread at a time. */
public interface RequestReply extends AutoCloseable {
    /**
     * Asks, and waits for the answer.
     *
     * @throws TimeoutException if none came in time
     */
    String ask(String topic, String text, Duration patience) throws Exception;

    /** Answers what comes to a topic from now on; {@code null} leaves a request without an answer. */
    void answer(String topic, UnaryOperator<String> answers) throws Exception;

    /** What the broker said to the latest answer that it did not take, or that all were taken. */
    String refusal() throws Exception;

    @Override
    void close();
}
