/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueConnectionFactory;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections whose sessions take part in the transactions of a transaction manager (JTA). What it inherits makes
 * ordinary connections. Safe from any thread.
 */
public class PolyMQXAConnectionFactory extends PolyMQConnectionFactory
        implements XAConnectionFactory, XAQueueConnectionFactory, XATopicConnectionFactory {

    /** A factory for a broker on this machine, on the default port. */
    public PolyMQXAConnectionFactory() {
        super();
    }

    /**
     * A factory for a URL: {@code polymq://host:port?option=value}. Nothing is connected yet.
     *
     * @throws IllegalArgumentException if the URL is none or has an unknown option; the message says what is wrong
     */
    public PolyMQXAConnectionFactory(String url) {
        super(url);
    }

    @Override
    public XAConnection createXAConnection() throws JMSException {
        return createXAConnection(options.user(), options.password());
    }

    @Override
    public XAConnection createXAConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return open(user, password, PolyMQConnection.Domain.ANY);
    }

    @Override
    public XAQueueConnection createXAQueueConnection() throws JMSException {
        return createXAQueueConnection(options.user(), options.password());
    }

    @Override
    public XAQueueConnection createXAQueueConnection(@Nullable String user, @Nullable String password)
            throws JMSException {
        return open(user, password, PolyMQConnection.Domain.QUEUES);
    }

    @Override
    public XATopicConnection createXATopicConnection() throws JMSException {
        return createXATopicConnection(options.user(), options.password());
    }

    @Override
    public XATopicConnection createXATopicConnection(@Nullable String user, @Nullable String password)
            throws JMSException {
        return open(user, password, PolyMQConnection.Domain.TOPICS);
    }

    @Override
    public PolyMQSessionContext createXAContext() {
        return createXAContext(options.user(), options.password());
    }

    @Override
    public PolyMQSessionContext createXAContext(@Nullable String user, @Nullable String password) {
        return new PolyMQXAContext(Errors.unchecked(() -> open(user, password, PolyMQConnection.Domain.ANY)));
    }

    private PolyMQXAConnection open(@Nullable String user, @Nullable String password, PolyMQConnection.Domain domain)
            throws JMSException {
        return new PolyMQXAConnection(options, group(), domain, user, password);
    }
}
