/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.cluster.SharedState;
import org.polymq.jms.PolyMQConnectionFactory;

/** Users and permissions. */
class SecurityTest {
    @TempDir
    Path directory;

    private TestServer server;
    private PolyMQConnectionFactory factory;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(TestBroker.openSecured(directory));
        factory = server.factory();
        TestBroker.addUser(
                server.broker(),
                "anna",
                "secret-word",
                "allow PUB,SUB queue:orders",
                "allow SUB topic:news/#",
                "allow SUB group:team",
                "allow SUB client:anna*");
        TestBroker.addUser(server.broker(), "ben", "secret-word", "allow PUB,SUB any:*");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void wrongCredentialsAreRefused() {
        assertThatThrownBy(() -> factory.createConnection("anna", "wrong")).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> factory.createConnection("nobody", "secret-word"))
                .isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(factory::createConnection).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> factory.createContext("invalid", "invalid"))
                .isInstanceOf(JMSSecurityRuntimeException.class);
    }

    @Test
    void aUserHasSoManyConnections() throws IOException, JMSException {
        Path own = directory.resolve("limited");
        try (TestServer limited =
                new TestServer(TestBroker.openSecured(own, null, SharedState.alone(1, InstantSource.system())))) {
            TestBroker.addUser(limited.broker(), "anna", "secret-word");
            TestBroker.addUser(limited.broker(), "ben", "secret-word");
            PolyMQConnectionFactory few = limited.factory();
            try (Connection first = few.createConnection("anna", "secret-word");
                    Connection other = few.createConnection("ben", "secret-word")) {
                first.start();
                other.start();
                assertThatThrownBy(() -> few.createConnection("anna", "secret-word"))
                        .isInstanceOf(ResourceAllocationException.class)
                        .hasMessageContaining("limits.connections-per-user");
            }
            await().ignoreExceptions()
                    .untilAsserted(
                            () -> few.createConnection("anna", "secret-word").close());
        }
    }

    @Test
    void aUserDoesWhatItMayAndNothingElse() throws JMSException {
        try (Connection connection = factory.createConnection("anna", "secret-word")) {
            connection.start();
            Session session = connection.createSession();
            Queue orders = session.createQueue("orders");
            JmsTest.send(session, orders, 1, 1);
            assertThat(JmsTest.receive(session.createConsumer(orders), 1)).containsExactly("1");
            session.createConsumer(session.createTopic("news.sport"));
            session.createSharedConsumer(session.createTopic("news.sport"), "team");

            Queue other = session.createQueue("other");
            Topic news = session.createTopic("news.sport");
            assertThatThrownBy(() -> JmsTest.send(session, other, 1, 1)).isInstanceOf(JMSSecurityException.class);
            assertThatThrownBy(() -> session.createConsumer(other)).isInstanceOf(JMSSecurityException.class);
            assertThatThrownBy(() -> session.createBrowser(other)).isInstanceOf(JMSSecurityException.class);
            assertThatThrownBy(() -> JmsTest.send(session, news, 1, 1)).isInstanceOf(JMSSecurityException.class);
            assertThatThrownBy(() -> session.createConsumer(session.createTopic(">")))
                    .isInstanceOf(JMSSecurityException.class);
            assertThatThrownBy(() -> session.createSharedConsumer(news, "others"))
                    .isInstanceOf(JMSSecurityException.class);
        }
    }

    @Test
    void aTransactionWithOneForbiddenMessageStoresNone() throws JMSException {
        try (Connection connection = factory.createConnection("anna", "secret-word")) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            Queue orders = session.createQueue("orders");
            JmsTest.send(session, orders, 1, 1);
            JmsTest.send(session, session.createQueue("other"), 1, 1);
            assertThatThrownBy(session::commit).isInstanceOf(JMSException.class);
            assertThat(session.createConsumer(orders).receiveNoWait()).isNull();
        }
    }

    @Test
    void anybodyMayAnswerATemporaryQueue() throws JMSException {
        try (Connection anna = factory.createConnection("anna", "secret-word");
                Connection ben = factory.createConnection("ben", "secret-word")) {
            anna.start();
            Session session = ben.createSession();
            TemporaryQueue answers = session.createTemporaryQueue();
            MessageConsumer consumer = session.createConsumer(answers);
            ben.start();
            JmsTest.send(anna.createSession(), answers, 1, 1);
            assertThat(JmsTest.receive(consumer, 1)).containsExactly("1");
        }
    }

    @Test
    void clientIdsAndDurableSubscriptionsBelongToTheirUser() throws JMSException {
        try (Connection anna = factory.createConnection("anna", "secret-word")) {
            assertThatThrownBy(() -> anna.setClientID("ben-1")).isInstanceOf(JMSSecurityException.class);
            anna.setClientID("anna-1");
            Session session = anna.createSession();
            session.createDurableConsumer(session.createTopic("news"), "mine").close();
        }
        try (Connection ben = factory.createConnection("ben", "secret-word")) {
            ben.setClientID("anna-1");
            Session session = ben.createSession();
            assertThatThrownBy(() -> session.createDurableConsumer(session.createTopic("news"), "mine"))
                    .isInstanceOf(JMSSecurityException.class);
            assertThatThrownBy(() -> session.unsubscribe("mine")).isInstanceOf(JMSSecurityException.class);
        }
    }

    @Test
    void whoseUserIsDeletedIsDisconnected() throws JMSException {
        try (Connection connection = factory.createConnection("anna", "secret-word")) {
            AtomicReference<JMSException> heard = new AtomicReference<>();
            connection.setExceptionListener(heard::set);
            Answer<Boolean> deleted = new Answer<>();
            server.broker().security().accounts().delete("anna", Lane.direct(), deleted);
            assertThat(deleted.get()).isTrue();
            await().untilAsserted(() -> assertThat(heard.get()).isNotNull());
        }
    }
}
