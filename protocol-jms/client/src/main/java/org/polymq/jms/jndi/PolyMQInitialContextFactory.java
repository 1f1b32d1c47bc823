/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.jndi;

import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.jms.PolyMQQueue;
import org.polymq.jms.PolyMQTopic;

/**
 * Makes a naming context from properties; nothing is connected.
 *
 * <pre>{@code
 * java.naming.factory.initial = org.polymq.jms.jndi.PolyMQInitialContextFactory
 * java.naming.provider.url    = polymq://broker-1:10911,broker-2:10911
 * connectionFactory.jms/CF    = polymq://broker-1:10911?clientId=billing
 * queue.jms/Orders            = orders
 * topic.jms/News              = news.today
 * }</pre>
 *
 * {@code ConnectionFactory}, {@code QueueConnectionFactory} and {@code TopicConnectionFactory} are there for the
 * provider URL (by default this machine), and {@code dynamicQueues/NAME} and {@code dynamicTopics/NAME} are any queue
 * and topic.
 */
public final class PolyMQInitialContextFactory implements InitialContextFactory {
    private static final String DEFAULT_URL = "polymq://127.0.0.1:10911";
    private static final String FACTORY = "connectionFactory.";
    private static final String QUEUE = "queue.";
    private static final String TOPIC = "topic.";

    /** For the naming service, which makes it by name. */
    public PolyMQInitialContextFactory() {}

    /** @throws ConfigurationException if a URL is wrong or a destination has no name; it names the property */
    @Override
    @SuppressWarnings("JdkObsolete") // The interface asks for it.
    public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
        Map<String, Object> bound = new TreeMap<>();
        Object url = environment.get(Context.PROVIDER_URL);
        String broker = url == null ? DEFAULT_URL : url.toString();
        Object factory = make(Context.PROVIDER_URL, () -> new PolyMQConnectionFactory(broker));
        bound.put("ConnectionFactory", factory);
        bound.put("QueueConnectionFactory", factory);
        bound.put("TopicConnectionFactory", factory);
        for (Map.Entry<?, ?> property : environment.entrySet()) {
            String key = property.getKey().toString();
            String value = String.valueOf(property.getValue()).strip();
            if (key.startsWith(FACTORY)) {
                bound.put(key.substring(FACTORY.length()), make(key, () -> new PolyMQConnectionFactory(value)));
            } else if (key.startsWith(QUEUE)) {
                bound.put(key.substring(QUEUE.length()), make(key, () -> new PolyMQQueue(value)));
            } else if (key.startsWith(TOPIC)) {
                bound.put(key.substring(TOPIC.length()), make(key, () -> new PolyMQTopic(value)));
            }
        }
        return new PropertiesContext(bound, environment);
    }

    private interface Maker {
        Object make();
    }

    private static Object make(String property, Maker maker) throws NamingException {
        try {
            return maker.make();
        } catch (IllegalArgumentException e) {
            NamingException wrong = new ConfigurationException("property " + property + ": " + e.getMessage());
            wrong.initCause(e);
            throw wrong;
        }
    }
}
