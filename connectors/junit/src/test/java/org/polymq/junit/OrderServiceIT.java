/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.junit;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.jms.PolyMQConnectionFactory;

/** The example of docs/testing.md: what a test of an application looks like. */
class OrderServiceIT {
    @RegisterExtension
    static final PolyMQExtension POLYMQ = new PolyMQExtension();

    @Test
    void anOrderArrivesOnce() {
        try (var factory = new PolyMQConnectionFactory(POLYMQ.broker().jmsUrl());
                JMSContext context = factory.createContext()) {
            Queue orders = context.createQueue("orders");
            context.createProducer().send(orders, "2 espresso");
            assertThat(context.createConsumer(orders).receiveBody(String.class, 5_000))
                    .isEqualTo("2 espresso");
        }
    }
}
