/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.server.Endpoints;

/** Jakarta Messaging, as an application sees it: persistent sends, durable topic subscriptions or queues. */
public final class JmsProtocol implements Protocol {
    private final boolean queues;

    private JmsProtocol(boolean queues) {
        this.queues = queues;
    }

    /** Topics; a subscriber's identity is its client id and subscription name. */
    public static JmsProtocol topics() {
        return new JmsProtocol(false);
    }

    /** Queues; all subscribers of one queue share its messages, whatever their identity. */
    public static JmsProtocol queues() {
        return new JmsProtocol(true);
    }

    @Override
    public String name() {
        return queues ? "jms-queue" : "jms";
    }

    /** A connection factory for the server. */
    public static ConnectionFactory factory(Endpoints server) throws JMSException {
        return factory(server, "");
    }

    /** The same with options of its URL, such as {@code prefetch=1}. */
    public static ConnectionFactory factory(Endpoints server, String options) throws JMSException {
        try {
            return Class.forName("org.polymq.jms.PolyMQConnectionFactory")
                    .asSubclass(ConnectionFactory.class)
                    .getConstructor(String.class)
                    .newInstance("polymq://" + server.nativePort() + "?" + options);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no PolyMQ connection factory", e);
        }
    }

    @Override
    public boolean reconnects() {
        return false;
    }

    @Override
    public String toString() {
        return name();
    }

    @Override
    public Publisher publisher(Endpoints server, String identity, String topic) throws JMSException {
        Connection connection = factory(server).createConnection();
        try {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            return new Producer(connection, session, session.createProducer(null), topic);
        } catch (JMSException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public Subscriber subscriber(Endpoints server, String identity, String topic, Consumer<Incoming> sink)
            throws JMSException {
        JmsSubscription subscription = queues
                ? new JmsSubscription(
                        factory(server), null, session -> session.createConsumer(session.createQueue(topic)), sink)
                : new JmsSubscription(
                        factory(server),
                        identity,
                        session -> session.createDurableSubscriber(session.createTopic(topic + ".>"), identity),
                        sink);
        subscription.connect();
        return subscription;
    }

    /** What an application reads from a message. */
    public static Incoming incoming(Message message) throws JMSException {
        Map<String, Object> properties = new TreeMap<>();
        Enumeration<?> names = message.getPropertyNames();
        while (names.hasMoreElements()) {
            String property = names.nextElement().toString();
            Object value = message.getObjectProperty(property);
            if (value != null) {
                properties.put(property, value);
            }
        }
        put(properties, "#JMSMessageID", message.getJMSMessageID());
        put(properties, "#JMSCorrelationID", message.getJMSCorrelationID());
        put(properties, "#JMSReplyTo", message.getJMSReplyTo());
        put(properties, "#JMSType", message.getJMSType());
        put(properties, "#JMSTimestamp", message.getJMSTimestamp());
        put(properties, "#JMSExpiration", message.getJMSExpiration());
        put(properties, "#JMSRedelivered", message.getJMSRedelivered());
        put(
                properties,
                "#class",
                message instanceof TextMessage ? "text" : message instanceof BytesMessage ? "bytes" : "other");
        return new Incoming(body(message), name(message.getJMSDestination()), properties, Optional.empty());
    }

    private static void put(Map<String, Object> properties, String name, @Nullable Object value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    private static byte[] body(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return text.getText().getBytes(StandardCharsets.UTF_8);
        }
        return message.isBodyAssignableTo(byte[].class) ? message.getBody(byte[].class) : new byte[0];
    }

    private static String name(Destination destination) throws JMSException {
        return destination instanceof Queue queue ? queue.getQueueName() : ((Topic) destination).getTopicName();
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (JMSException e) {
            throw new IllegalStateException("connection does not close", e);
        }
    }

    /** Sends byte messages, keeping the order of its session. */
    private final class Producer implements Publisher {
        private final Connection connection;
        private final Session session;
        private final MessageProducer producer;
        private final String topic;

        Producer(Connection connection, Session session, MessageProducer producer, String topic) {
            this.connection = connection;
            this.session = session;
            this.producer = producer;
            this.topic = topic;
        }

        @Override
        public void publish(Outgoing outgoing) throws JMSException, RefusedException {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(outgoing.body());
            for (Map.Entry<String, Object> property : outgoing.properties().entrySet()) {
                message.setObjectProperty(property.getKey(), property.getValue());
            }
            if (outgoing.keys().isPresent()) {
                message.setStringProperty("KEYS", outgoing.keys().get());
            }
            if (outgoing.tag().isPresent()) {
                message.setStringProperty("TAGS", outgoing.tag().get());
            }
            if (outgoing.groupKey().isPresent()) {
                message.setStringProperty("JMSXGroupID", outgoing.groupKey().get());
            }
            String full = outgoing.path()
                    .map(path -> topic + "." + path.replace('/', '.'))
                    .orElse(topic);
            try {
                producer.send(queues ? session.createQueue(topic) : session.createTopic(full), message);
            } catch (ResourceAllocationException e) {
                throw new RefusedException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public void close() {
            JmsProtocol.close(connection);
        }
    }
}
