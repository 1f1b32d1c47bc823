/* SPDX-License-Identifier: Apache-2.0 */
package example;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.junit.PolyMQExtension;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@SpringBootTest
class CoffeeShopTest {
    @RegisterExtension
    static final PolyMQExtension POLYMQ = new PolyMQExtension();

    @Autowired
    private JmsTemplate jms;

    @Autowired
    private HealthEndpoint health;

    @DynamicPropertySource
    static void broker(DynamicPropertyRegistry properties) {
        // The broker ends before the application does, which would look for it for half a minute.
        properties.add("polymq.url", () -> POLYMQ.broker().jmsUrl() + "?reconnectAttempts=0");
    }

    @Test
    void everyOrderGetsABill() {
        jms.convertAndSend("orders", "espresso");

        jms.setReceiveTimeout(20_000);
        assertThat(jms.receiveAndConvert("bills")).isEqualTo("espresso: 3 euros");
    }

    @Test
    void showsTheBrokersHealth() {
        assertThat(health.healthForPath("jms").getStatus()).isEqualTo(Status.UP);
    }

    /** The client has to work with the Netty that Spring Boot brings. */
    @Test
    void runsOnSpringBootsNetty() {
        assertThat(Version.identify().get("netty-transport").artifactVersion()).startsWith("4.1.");
    }
}
