/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A broker and one started connection to it; the tests use {@code jakarta.jms} only. */
abstract class JmsTest {
    static final long LONG = 5_000;

    @TempDir
    Path directory;

    JmsServer server;
    Connection connection;

    /** Opens what is tested, on the directory of before after a restart. */
    JmsServer serve(Path where) throws IOException {
        return new TestServer(where);
    }

    @BeforeEach
    void start() throws IOException, JMSException {
        server = serve(directory);
        connection = server.factory().createConnection();
        connection.start();
    }

    @AfterEach
    void stop() throws JMSException {
        connection.close();
        server.close();
    }

    /** Stops the broker cleanly and starts it again on the same directory. */
    void restart() throws JMSException, IOException {
        stop();
        start();
    }

    /** Sends the numbers as texts. */
    static void send(Session session, Destination destination, int from, int to) throws JMSException {
        try (MessageProducer producer = session.createProducer(destination)) {
            for (int i = from; i <= to; i++) {
                producer.send(session.createTextMessage(String.valueOf(i)));
            }
        }
    }

    static List<String> receive(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(consumer.receive(LONG)));
        }
        return texts;
    }

    static Message one(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(LONG);
        if (message == null) {
            throw new AssertionError("no message within " + LONG + " ms");
        }
        return message;
    }

    static String text(@Nullable Message message) throws JMSException {
        return message == null ? "nothing" : ((TextMessage) message).getText();
    }

    static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }
}
