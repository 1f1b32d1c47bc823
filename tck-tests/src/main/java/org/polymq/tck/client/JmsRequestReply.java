/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.polymq.tck.server.Endpoints;

/** JMSReplyTo and JMSCorrelationID, with a temporary queue, a queue or a topic for the answers. */
public final class JmsRequestReply implements RequestReply {
    private final Connection connection;
    private final Answers answers;
    private volatile String refusal = "";

    /** Where answers go. */
    public enum Answers {
        TEMPORARY_QUEUE,
        QUEUE,
        TOPIC
    }

    public JmsRequestReply(Endpoints server, Answers answers) throws JMSException {
        this.answers = answers;
        connection = JmsProtocol.factory(server).createConnection();
        connection.start();
    }

    @Override
    public String ask(String topic, String text, Duration patience) throws Exception {
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            String name = "jms-answers-" + UUID.randomUUID();
            Destination replyTo = switch (answers) {
                case TEMPORARY_QUEUE -> session.createTemporaryQueue();
                case QUEUE -> session.createQueue(name);
                case TOPIC -> session.createTopic("jms.answers." + name);
            };
            MessageConsumer consumer = session.createConsumer(replyTo);
            TextMessage request = session.createTextMessage(text);
            request.setJMSReplyTo(replyTo);
            request.setJMSCorrelationID(UUID.randomUUID().toString());
            MessageProducer producer = session.createProducer(session.createTopic(topic));
            producer.setTimeToLive(patience.toMillis());
            producer.send(request);
            Message answer = consumer.receive(patience.toMillis());
            if (answer == null) {
                throw new TimeoutException("no answer within " + patience);
            }
            if (!request.getJMSCorrelationID().equals(answer.getJMSCorrelationID())) {
                throw new IllegalStateException(
                        "asked with " + request.getJMSCorrelationID() + ", answered " + answer.getJMSCorrelationID());
            }
            return text(answer);
        }
    }

    @Override
    public void answer(String topic, UnaryOperator<String> how) throws JMSException {
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(null);
        session.createConsumer(session.createTopic(topic)).setMessageListener(request -> {
            try {
                String text = how.apply(text(request));
                if (text != null) {
                    TextMessage answer = session.createTextMessage(text);
                    answer.setJMSCorrelationID(request.getJMSCorrelationID());
                    producer.send(request.getJMSReplyTo(), answer);
                }
            } catch (JMSException e) {
                refusal = e.toString();
            }
        });
    }

    private static String text(Message message) throws JMSException {
        return message instanceof TextMessage text
                ? text.getText()
                : new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
    }

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (JMSException e) {
            throw new IllegalStateException("connection does not close", e);
        }
    }
}
