/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.Duration;

/**
 * When producers are asked about half messages that they left undecided.
 *
 * @param timeout a half message is left alone for so long
 * @param interval between the first questions; later it grows
 * @param mostChecks after so many questions without a decision the message is given up
 */
public record TransactionSettings(Duration timeout, Duration interval, int mostChecks) {
    /** RocketMQ's values: 6 s, 30 s, 15 questions. */
    public static final TransactionSettings DEFAULT =
            new TransactionSettings(Duration.ofSeconds(6), Duration.ofSeconds(30), 15);
}
