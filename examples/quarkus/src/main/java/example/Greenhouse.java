/* SPDX-License-Identifier: Apache-2.0 */
package example;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Takes temperatures that a device publishes over MQTT, and puts an alarm into a JMS queue when it is too hot. */
@ApplicationScoped
public class Greenhouse {
    private static final double TOO_HOT = 30;

    private final ConnectionFactory jms;

    Greenhouse(ConnectionFactory jms) {
        this.jms = jms;
    }

    @Incoming("temperatures")
    @Blocking
    void measured(byte[] degrees) {
        double measured = Double.parseDouble(new String(degrees, UTF_8));
        if (measured > TOO_HOT) {
            try (JMSContext context = jms.createContext()) {
                context.createProducer().send(context.createQueue("alarms"), measured + " degrees");
            }
        }
    }
}
