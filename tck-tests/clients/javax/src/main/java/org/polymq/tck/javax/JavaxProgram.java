/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.javax;

import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.jms.ConnectionFactory;
import javax.jms.JMSConsumer;
import javax.jms.JMSContext;
import javax.jms.JMSException;
import javax.jms.Message;
import javax.jms.Queue;
import javax.jms.TextMessage;
import javax.jms.Topic;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Sends and receives through javax.jms and JNDI alone; the last line is {@code ok}. */
@SuppressWarnings("BanJNDI") // As applications do it.
public final class JavaxProgram {
    private static final long PATIENCE = 60_000;

    private JavaxProgram() {}

    /** Argument: the broker's {@code host:port}. */
    public static void main(String[] args) throws NamingException, JMSException, InterruptedException {
        Properties names = new Properties();
        names.setProperty(Context.INITIAL_CONTEXT_FACTORY, "org.polymq.jms.jndi.PolyMQInitialContextFactory");
        names.setProperty(Context.PROVIDER_URL, "polymq://" + args[0]);
        InitialContext context = new InitialContext(names);
        ConnectionFactory factory = (ConnectionFactory) context.lookup("ConnectionFactory");
        Queue queue = (Queue) context.lookup("dynamicQueues/javax-orders");
        Topic topic = (Topic) context.lookup("dynamicTopics/javax.news");
        queue(factory, queue);
        topic(factory, topic);
        System.out.println("ok");
    }

    private static void queue(ConnectionFactory factory, Queue queue) throws JMSException {
        try (JMSContext session = factory.createContext(JMSContext.SESSION_TRANSACTED)) {
            session.createProducer().setProperty("number", 7).send(queue, "one coffee");
            session.commit();
            Message message = session.createConsumer(queue, "number = 7").receive(PATIENCE);
            session.commit();
            check("one coffee", ((TextMessage) message).getText());
            check("7", message.getStringProperty("number"));
        }
    }

    private static void topic(ConnectionFactory factory, Topic topic) throws InterruptedException {
        BlockingQueue<String> heard = new ArrayBlockingQueue<>(1);
        try (JMSContext session = factory.createContext();
                JMSConsumer consumer = session.createSharedConsumer(topic, "readers")) {
            consumer.setMessageListener(message -> {
                try {
                    heard.add(message.getBody(String.class));
                } catch (JMSException e) {
                    heard.add(e.toString());
                }
            });
            try (JMSContext other = factory.createContext()) {
                other.createProducer().send(topic, "news");
            }
            check("news", String.valueOf(heard.poll(PATIENCE, TimeUnit.MILLISECONDS)));
        }
    }

    private static void check(String expected, String found) {
        if (!expected.equals(found)) {
            throw new IllegalStateException("expected " + expected + ", not " + found);
        }
    }
}
