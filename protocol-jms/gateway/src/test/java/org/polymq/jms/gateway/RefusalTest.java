/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.jms.PolyMQConnectionFactory;

/** What applications do wrong gets the exception that Jakarta Messaging names, and a message that helps. */
class RefusalTest extends JmsTest {
    private static void refuses(Class<? extends Throwable> type, String word, ThrowingCallable... calls) {
        assertThat(calls)
                .allSatisfy(call -> assertThatThrownBy(call).isInstanceOf(type).hasMessageContaining(word));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a =", "a = 'x", "a LIKE 5", "a BETWEEN 1", "a IN (1)", "AND", "a = 1 b", "NOT", "(a = 1"})
    void selectorsThatDoNotParse(String selector) throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        Topic topic = session.createTopic("news");

        refuses(
                InvalidSelectorException.class,
                "",
                () -> session.createConsumer(queue, selector),
                () -> session.createConsumer(topic, selector),
                () -> session.createSharedConsumer(topic, "s", selector),
                () -> session.createSharedDurableConsumer(topic, "d", selector),
                () -> session.createBrowser(queue, selector));
        try (JMSContext context = server.factory().createContext()) {
            refuses(InvalidSelectorRuntimeException.class, "", () -> context.createConsumer(queue, selector));
        }
    }

    @Test
    void objectsThatAreClosed() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        QueueBrowser browser = session.createBrowser(queue);
        consumer.close();
        producer.close();
        browser.close();

        refuses(
                IllegalStateException.class,
                "closed",
                consumer::receive,
                consumer::receiveNoWait,
                consumer::getMessageSelector,
                () -> producer.send(session.createMessage()),
                producer::getPriority,
                browser::getEnumeration);
        session.close();
        refuses(
                IllegalStateException.class,
                "closed",
                session::createMessage,
                session::recover,
                session::commit,
                () -> session.createConsumer(queue),
                () -> session.unsubscribe("s"));
        connection.close();
        refuses(
                IllegalStateException.class,
                "closed",
                connection::createSession,
                connection::start,
                connection::getClientID,
                connection::getMetaData);
        consumer.close(); // A second close does nothing.
        session.close();
        connection.close();
    }

    @Test
    void contextsThatAreClosed() {
        JMSContext context = server.factory().createContext();
        Queue queue = context.createQueue("orders");
        JMSConsumer consumer = context.createConsumer(queue);
        context.close();

        refuses(
                IllegalStateRuntimeException.class,
                "closed",
                () -> context.createQueue("a"),
                () -> context.createConsumer(queue),
                context::createMessage,
                context::commit,
                consumer::receive);
    }

    @Test
    void anObjectOfAClassThatIsNotTrusted() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        session.createProducer(queue).send(session.createObjectMessage(new ArrayList<>(List.of("x"))));
        ObjectMessage message = (ObjectMessage) one(session.createConsumer(queue));

        refuses(MessageFormatException.class, "trustedPackages", message::getObject);
    }

    static Stream<String> wrongUrls() {
        return Stream.of("polymq://h?prefech=1", "polymq://h?tls=yes", "polymq://h?ca=x", "http://h", "polymq://");
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.MethodSource("wrongUrls")
    void wrongUrlsSayWhatIsWrongBeforeAnythingIsConnected(String url) {
        assertThatThrownBy(() -> new PolyMQConnectionFactory(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(".*(known are|true or false|tls=true|polymq://).*");
    }

    @Test
    void destinationsThatCannotBe() throws JMSException {
        Session session = connection.createSession();

        refuses(
                InvalidDestinationException.class,
                "",
                () -> session.createQueue(""),
                () -> session.createConsumer(null),
                () -> session.createConsumer(session.createQueue("a/b")),
                () -> session.createProducer(null).send(null, session.createMessage()));
    }

    @Test
    void anUnansweredHostIsNamed() {
        assertThatThrownBy(() ->
                        new PolyMQConnectionFactory("polymq://127.0.0.1:1?connectTimeout=2000").createConnection())
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("127.0.0.1:1");
    }
}
