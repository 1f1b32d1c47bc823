/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;

/**
 * The settings of the JMS protocol. It listens on the native port.
 *
 * @param maxFrameSize {@code limits.jms-frame-size}
 * @param maxDeliveries {@code jms.max-deliveries}: 0 for no limit
 * @param redeliveryDelay {@code jms.redelivery-delay}
 * @param redeliveryBackoff {@code jms.redelivery-backoff}
 * @param redeliveryMaxDelay {@code jms.redelivery-max-delay}
 * @param transactionTimeout {@code jms.transaction-timeout}
 * @param autoCreate {@code jms.auto-create}
 */
public record JmsConfig(
        DataSize maxFrameSize,
        int maxDeliveries,
        Duration redeliveryDelay,
        int redeliveryBackoff,
        Duration redeliveryMaxDelay,
        Duration transactionTimeout,
        boolean autoCreate) {}
