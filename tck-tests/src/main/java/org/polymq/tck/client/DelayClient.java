/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.Optional;

/** A RocketMQ producer of messages that wait. */
public interface DelayClient extends AutoCloseable {
    /** How a message says when it is due. */
    enum By {
        /** {@code setDelayTimeLevel}: the number of a level. */
        LEVEL,
        /** {@code setDelayTimeMs}. Since 5.0. */
        DELAY_MS,
        /** {@code setDelayTimeSec}. Since 5.0. */
        DELAY_SEC,
        /** {@code setDeliverTimeMs}: ms since the epoch. Since 5.0. */
        DELIVER_MS
    }

    /** Sends a text; gives what it can be recalled by, if the broker says so. */
    Optional<String> send(String topic, String text, By by, long value) throws Exception;

    /** Takes a message back; gives its id. Since 5.3. */
    String recall(String topic, String handle) throws Exception;

    @Override
    void close();
}
