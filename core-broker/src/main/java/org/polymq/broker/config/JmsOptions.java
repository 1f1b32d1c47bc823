/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;

/** What may be set of JMS beside its frame size. */
final class JmsOptions {
    static final Option<Integer> MAX_DELIVERIES = new Option<>(
            "jms.max-deliveries",
            OptionType.number(0, 1_000_000),
            "10",
            "After so many deliveries a message that no JMS application has consumed is a dead letter. 0: never.");
    static final Option<Duration> REDELIVERY_DELAY = new Option<>(
            "jms.redelivery-delay",
            OptionType.duration("0s", "1d"),
            "0s",
            "How long a message that comes back from a JMS application waits before it is delivered again. While it waits,"
                    + " later ones are delivered.");
    static final Option<Integer> REDELIVERY_BACKOFF = new Option<>(
            "jms.redelivery-backoff",
            OptionType.number(1, 100),
            "2",
            "What each further redelivery delay is multiplied by.");
    static final Option<Duration> REDELIVERY_MAX_DELAY = new Option<>(
            "jms.redelivery-max-delay", OptionType.duration("0s", "1d"), "1m", "The longest redelivery delay.");
    static final Option<Duration> TRANSACTION_TIMEOUT = new Option<>(
            "jms.transaction-timeout",
            OptionType.duration("1s", "30d"),
            "5m",
            "How long a branch of an XA transaction may take until it is prepared, unless its transaction manager says"
                    + " otherwise.");
    static final Option<Boolean> AUTO_CREATE = new Option<>(
            "jms.auto-create",
            OptionType.BOOLEAN,
            "true",
            "Whether a queue or topic is made when a JMS application first uses it; otherwise that is refused with"
                    + " `InvalidDestinationException`.");

    private JmsOptions() {}
}
