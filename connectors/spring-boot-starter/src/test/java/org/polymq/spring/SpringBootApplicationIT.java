/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.polymq.junit.EmbeddedBroker;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;

/** An application with all that Spring Boot configures, and a broker. */
class SpringBootApplicationIT {

    @Test
    void sendsListensAndSeesTheBrokersHealth() {
        EmbeddedBroker broker = EmbeddedBroker.start();
        try {
            new ApplicationContextRunner()
                    .withUserConfiguration(Shop.class)
                    .withPropertyValues(
                            "polymq.url=" + broker.jmsUrl() + "?initialAttempts=1&reconnectAttempts=0",
                            "polymq.user=shop",
                            "polymq.password=s p&ce=%")
                    .run(context -> {
                        HealthIndicator health = context.getBean("jmsHealthContributor", HealthIndicator.class);
                        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
                        assertThat(health.health().getDetails()).containsEntry("provider", "PolyMQ");

                        context.getBean(JmsTemplate.class).convertAndSend("orders", "2 espresso");
                        assertThat(context.getBean(Shop.class).arrived.poll(20, TimeUnit.SECONDS))
                                .isEqualTo("2 espresso");

                        broker.close();
                        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
                    });
        } finally {
            broker.close();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Shop {
        final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();

        @JmsListener(destination = "orders")
        void order(String order) {
            arrived.add(order);
        }
    }
}
