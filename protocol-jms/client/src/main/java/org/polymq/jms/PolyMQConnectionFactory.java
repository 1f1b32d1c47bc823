/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import java.util.concurrent.TimeUnit;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to a PolyMQ broker. Safe from any thread; its connections share one network thread, which is a
 * daemon.
 */
public class PolyMQConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Referenceable, AutoCloseable {
    private final String url;
    final ClientOptions options;
    private @Nullable EventLoopGroup group; // guarded by this

    /** A factory for a broker on this machine, on the default port. */
    public PolyMQConnectionFactory() {
        this("polymq://127.0.0.1:" + ClientOptions.DEFAULT_PORT);
    }

    /**
     * A factory for a URL: {@code polymq://host:port?option=value}. Nothing is connected yet.
     *
     * @throws IllegalArgumentException if the URL is none or has an unknown option; the message says what is wrong
     */
    public PolyMQConnectionFactory(String url) {
        this.url = url;
        options = ClientOptions.parse(url);
    }

    /** For naming services; it holds the whole URL, with a password that is in it. */
    @Override
    public Reference getReference() {
        return new Reference(
                PolyMQConnectionFactory.class.getName(),
                new StringRefAddr("url", url),
                PolyMQDestination.OBJECT_FACTORY,
                null);
    }

    @Override
    public Connection createConnection() throws JMSException {
        return createConnection(options.user(), options.password());
    }

    @Override
    public Connection createConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return PolyMQConnection.open(options, group(), user, password, PolyMQConnection.Domain.ANY);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return createQueueConnection(options.user(), options.password());
    }

    @Override
    public QueueConnection createQueueConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return PolyMQConnection.open(options, group(), user, password, PolyMQConnection.Domain.QUEUES);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return createTopicConnection(options.user(), options.password());
    }

    @Override
    public TopicConnection createTopicConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return PolyMQConnection.open(options, group(), user, password, PolyMQConnection.Domain.TOPICS);
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return createContext(options.user(), options.password(), sessionMode);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password) {
        return createContext(user, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password, int sessionMode) {
        return PolyMQContext.open(
                () -> PolyMQConnection.open(options, group(), user, password, PolyMQConnection.Domain.ANY),
                sessionMode);
    }

    final synchronized EventLoopGroup group() {
        EventLoopGroup current = group;
        if (current == null || current.isShuttingDown()) {
            current = eventLoop();
            group = current;
        }
        return current;
    }

    /** Of Netty 4.1 and 4.2 alike: applications of Spring Boot 3 and Quarkus 3 have 4.1, and bring it along. */
    @SuppressWarnings("deprecation")
    private static EventLoopGroup eventLoop() {
        return new NioEventLoopGroup(1, new DefaultThreadFactory("polymq-jms-io", true));
    }

    /** Ends the network thread; connections that are still open are lost. The factory may be used again. */
    @Override
    public synchronized void close() {
        if (group != null) {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
            group = null;
        }
    }
}
