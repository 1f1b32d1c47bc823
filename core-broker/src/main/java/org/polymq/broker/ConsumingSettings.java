/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.time.Duration;
import org.polymq.broker.subscription.RedeliveryPolicy;

/**
 * How messages are consumed unless something more special says otherwise.
 *
 * @param redelivery how often and when JMS applications get a message again
 * @param transactionTimeout how long a transaction branch may take until it is prepared
 */
public record ConsumingSettings(RedeliveryPolicy redelivery, Duration transactionTimeout) {
    /** Ten deliveries at once, and five minutes. */
    public static final ConsumingSettings STANDARD =
            new ConsumingSettings(RedeliveryPolicy.STANDARD, Duration.ofMinutes(5));
}
