/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import com.sun.ts.lib.porting.TSJMSObjectsInterface;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnectionFactory;
import org.polymq.jms.PolyMQConnectionFactory;

/** The porting class of the TCK: administered objects by name. The TCK makes it by reflection. */
public final class PortedObjects implements TSJMSObjectsInterface {
    /** System property: where the broker is, {@code host:port}. */
    static final String BROKER = "polymq.tck.broker";

    /** The user of connections that name none. */
    static final String USER = "j2ee";

    /** The one factory that the TCK wants with a client id. */
    private static final String DURABLE = "DURABLE_SUB_CONNECTION_FACTORY";

    private static final String DURABLE_CLIENT_ID = "cts";

    @Override
    public Queue getQueue(String name) throws Exception {
        try (JMSContext context = factory(name).createContext()) {
            return context.createQueue(name);
        }
    }

    @Override
    public Topic getTopic(String name) throws Exception {
        try (JMSContext context = factory(name).createContext()) {
            return context.createTopic(name);
        }
    }

    @Override
    public ConnectionFactory getConnectionFactory(String name) throws Exception {
        return factory(name);
    }

    @Override
    public QueueConnectionFactory getQueueConnectionFactory(String name) throws Exception {
        return factory(name);
    }

    @Override
    public TopicConnectionFactory getTopicConnectionFactory(String name) throws Exception {
        return factory(name);
    }

    private static PolyMQConnectionFactory factory(String name) throws JMSException {
        String broker = System.getProperty(BROKER);
        if (broker == null) {
            throw new JMSException("the system property " + BROKER + " does not say where the broker is");
        }
        String clientId = name.equals(DURABLE) ? "&clientId=" + DURABLE_CLIENT_ID : "";
        return new PolyMQConnectionFactory("polymq://" + broker + "?user=" + USER + "&password="
                + TckBroker.passwordOf(USER) + "&trustedPackages=java,com.sun.ts" + clientId);
    }
}
