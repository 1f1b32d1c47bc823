/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.bench;

import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQConnectionFactory;

/** PolyMQ's JMS provider and a queue: persistent messages, one consumer. */
final class JmsBenchClient implements BenchClient {
    private final ConnectionFactory factory;
    private final String name;
    private @Nullable JMSContext receiving;

    /** @param user null while the server asks for no login */
    JmsBenchClient(String host, int port, String name, @Nullable String user, @Nullable String password) {
        PolyMQConnectionFactory made = new PolyMQConnectionFactory("polymq://" + host + ":" + port);
        this.factory = made;
        this.name = name;
        this.user = user;
        this.password = password;
    }

    private final @Nullable String user;
    private final @Nullable String password;

    private JMSContext context() {
        return user == null ? factory.createContext() : factory.createContext(user, password);
    }

    @Override
    public void consume(Consumer<byte[]> each) {
        JMSContext context = context();
        receiving = context;
        context.createConsumer(context.createQueue(name)).setMessageListener(message -> each.accept(body(message)));
    }

    private static byte[] body(Message message) {
        try {
            return message.getBody(byte[].class);
        } catch (JMSException e) {
            throw new IllegalStateException("a message that is not of this benchmark", e);
        }
    }

    @Override
    public Sender sender() {
        JMSContext context = context();
        Queue queue = context.createQueue(name);
        JMSProducer producer = context.createProducer();
        return new Sender() {
            @Override
            public void send(byte[] body) throws JMSException {
                BytesMessage message = context.createBytesMessage();
                message.writeBytes(body);
                producer.send(queue, message);
            }

            @Override
            public void close() {
                context.close();
            }
        };
    }

    @Override
    public void close() {
        if (receiving != null) {
            receiving.close();
        }
    }
}
