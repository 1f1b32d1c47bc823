/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.jndi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Properties;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import javax.naming.Referenceable;
import javax.naming.spi.NamingManager;
import org.junit.jupiter.api.Test;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.jms.PolyMQQueue;
import org.polymq.jms.PolyMQTopic;

@SuppressWarnings("BanJNDI") // It is what is tested.
class JndiTest {
    private static InitialContext context(String... properties) throws NamingException {
        Properties environment = new Properties();
        environment.setProperty(Context.INITIAL_CONTEXT_FACTORY, PolyMQInitialContextFactory.class.getName());
        for (int i = 0; i < properties.length; i += 2) {
            environment.setProperty(properties[i], properties[i + 1]);
        }
        return new InitialContext(environment);
    }

    @Test
    void namesStandInProperties() throws NamingException {
        InitialContext context = context(
                "queue.jms/Orders",
                "orders",
                "topic.News",
                "news.today",
                "connectionFactory.CF",
                "polymq://h?prefetch=1");

        assertThat(context.lookup("jms/Orders")).isEqualTo(new PolyMQQueue("orders"));
        assertThat(context.lookup("News")).isEqualTo(new PolyMQTopic("news.today"));
        assertThat(context.lookup("CF")).isInstanceOf(PolyMQConnectionFactory.class);
        assertThat(context.lookup("java:comp/env/jms/Orders")).isEqualTo(new PolyMQQueue("orders"));
    }

    @Test
    void defaultFactoriesAndAnyDestinationAreThereWithoutProperties() throws NamingException {
        InitialContext context = context();

        assertThat(context.lookup("ConnectionFactory")).isInstanceOf(PolyMQConnectionFactory.class);
        assertThat(context.lookup("dynamicQueues/a")).isEqualTo(new PolyMQQueue("a"));
        assertThat(context.lookup("dynamicTopics/a.b")).isEqualTo(new PolyMQTopic("a.b"));
        List<String> names = Collections.list(context.list("")).stream()
                .map(NameClassPair::getName)
                .toList();
        assertThat(names).containsExactly("ConnectionFactory", "QueueConnectionFactory", "TopicConnectionFactory");
    }

    @Test
    void aWrongNameSaysWhichThereAre() throws NamingException {
        InitialContext context = context("queue.Orders", "orders");

        assertThatThrownBy(() -> context.lookup("Odres"))
                .isInstanceOf(NameNotFoundException.class)
                .hasMessageContaining("Odres")
                .hasMessageContaining("Orders");
    }

    @Test
    void aWrongUrlNamesItsProperty() {
        assertThatThrownBy(() -> context("connectionFactory.CF", "polymq://h?prefech=1"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("connectionFactory.CF")
                .hasMessageContaining("prefech");
    }

    @Test
    void itCannotBeChanged() throws NamingException {
        InitialContext context = context();

        assertThatThrownBy(() -> context.bind("a", "b")).isInstanceOf(OperationNotSupportedException.class);
    }

    @Test
    void referencesOfOtherNamingServicesAreMadeAgain() throws Exception {
        for (Referenceable object : List.of(new PolyMQQueue("orders"), new PolyMQTopic("a.b"))) {
            assertThat(NamingManager.getObjectInstance(object.getReference(), null, null, null))
                    .isEqualTo(object);
        }
        assertThat(NamingManager.getObjectInstance(
                        new PolyMQConnectionFactory("polymq://h").getReference(), null, null, null))
                .isInstanceOf(PolyMQConnectionFactory.class);
    }
}
