/* SPDX-License-Identifier: Apache-2.0 */
package example;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.jms.ConnectionFactory;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.polymq.jms.PolyMQConnectionFactory;

/** The application's JMS connection factory, which Quarkus closes when it stops. */
@ApplicationScoped
public class Broker {

    @Produces
    @ApplicationScoped
    ConnectionFactory connectionFactory(@ConfigProperty(name = "polymq.url") String url) {
        return new PolyMQConnectionFactory(url);
    }

    void close(@Disposes ConnectionFactory factory) {
        if (factory instanceof PolyMQConnectionFactory polymq) {
            polymq.close();
        }
    }
}
