/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.time.Duration;
import org.polymq.jms.PolyMQConnectionFactory;

/** Jakarta Messaging with PolyMQ's provider: the simplified API with a listener. */
final class JmsDemoClient implements DemoClient {
    private static final String TOPIC = "demo.greetings";

    private final Arrivals arrivals = new Arrivals();
    private final JMSContext sending;
    private final JMSContext receiving;
    private final Topic topic;

    JmsDemoClient(String host, int port) {
        ConnectionFactory factory = new PolyMQConnectionFactory("polymq://" + host + ":" + port);
        sending = factory.createContext();
        receiving = sending.createContext(JMSContext.AUTO_ACKNOWLEDGE);
        topic = sending.createTopic(TOPIC);
        receiving.createConsumer(topic).setMessageListener(this::receive);
    }

    private void receive(Message message) {
        try {
            arrivals.add(text(message));
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Text from JMS is a TextMessage; what RocketMQ and MQTT send is bytes to JMS, unless they say that it is text. */
    private static String text(Message message) throws JMSException {
        return message.isBodyAssignableTo(String.class)
                ? message.getBody(String.class)
                : new String(message.getBody(byte[].class), UTF_8);
    }

    @Override
    public String name() {
        return "JMS";
    }

    @Override
    public String topic() {
        return TOPIC;
    }

    @Override
    public void publish(String text) {
        sending.createProducer().send(topic, text);
    }

    @Override
    public boolean awaitArrival(String text, Duration limit) throws InterruptedException {
        return arrivals.await(text, limit);
    }

    @Override
    public void close() {
        receiving.close();
        sending.close();
    }
}
