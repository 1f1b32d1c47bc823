/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Checkout;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.jms.listener.SimpleMessageListenerContainer;
import org.springframework.transaction.support.TransactionTemplate;

/** The libraries that JMS applications are written with, their own code, over a broker that is restarted meanwhile. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class JmsLibrariesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int COUNT = Tier.choose(100, 2_000);

    @TempDir
    static Path directory;

    private static BrokerProcess server;
    private static ConnectionFactory factory;

    private final Set<String> heard = ConcurrentHashMap.newKeySet();
    private final List<String> problems = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        server = BrokerProcess.in(directory).onFixedPorts();
        factory = JmsProtocol.factory(server.start());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void restart() throws Exception {
        server.kill();
        server.start();
    }

    private MessageListener listener() {
        return message -> {
            try {
                heard.add(((TextMessage) message).getText());
            } catch (JMSException e) {
                problems.add(e.toString());
            }
        };
    }

    private void awaitAll() {
        await().atMost(PATIENCE).until(() -> heard.size() >= COUNT);
        assertThat(heard)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, COUNT).mapToObj(Integer::toString).toList());
        assertThat(problems).isEmpty();
    }

    /** Sends the numbers; the broker is killed and started again when half of them are sent. */
    private static void sendOverARestart(JmsTemplate template, String queue) throws Exception {
        for (int i = 0; i < COUNT; i++) {
            if (i == COUNT / 2) {
                restart();
            }
            template.convertAndSend(queue, Integer.toString(i));
        }
    }

    @Test
    void springsTemplateOverItsCachingFactorySendsAndReceives() {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        caching.setCacheConsumers(false); // A cached consumer would keep what it prefetched from the others.
        try {
            JmsTemplate template = new JmsTemplate(caching);
            template.setReceiveTimeout(PATIENCE.toMillis());
            template.convertAndSend("template", "one");

            assertThat(template.receiveAndConvert("template")).isEqualTo("one");

            template.setSessionTransacted(true);
            TransactionTemplate transaction = new TransactionTemplate(new JmsTransactionManager(caching));
            transaction.executeWithoutResult(status -> {
                template.convertAndSend("template", "rolled back");
                status.setRollbackOnly();
            });
            transaction.executeWithoutResult(status -> template.convertAndSend("template", "committed"));
            assertThat(template.receiveAndConvert("template")).isEqualTo("committed");
        } finally {
            caching.destroy();
        }
    }

    @Test
    void springsTemplateAsksAndGetsAnAnswer() {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        SimpleMessageListenerContainer answering = new SimpleMessageListenerContainer();
        try {
            answering.setConnectionFactory(factory);
            answering.setDestinationName("questions");
            JmsTemplate answers = new JmsTemplate(caching);
            answering.setMessageListener((MessageListener) question -> {
                try {
                    answers.convertAndSend(question.getJMSReplyTo(), "answer");
                } catch (JMSException e) {
                    problems.add(e.toString());
                }
            });
            start(answering);
            JmsTemplate template = new JmsTemplate(caching);
            template.setReceiveTimeout(PATIENCE.toMillis());

            assertThat(template.sendAndReceive("questions", session -> session.createTextMessage("question")))
                    .isInstanceOfSatisfying(
                            TextMessage.class,
                            answer -> assertThat(text(answer)).isEqualTo("answer"));
            assertThat(problems).isEmpty();
        } finally {
            answering.destroy();
            caching.destroy();
        }
    }

    private static String text(TextMessage message) {
        try {
            return message.getText();
        } catch (JMSException e) {
            return e.toString();
        }
    }

    private static void start(AbstractMessageListenerContainer container) {
        container.afterPropertiesSet();
        container.start();
    }

    @Test
    void springsDefaultContainerGoesOnOverARestart() throws Exception {
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setConcurrentConsumers(3);
        container.setSessionTransacted(true);
        overARestart(container, "default-container");
    }

    @Test
    void springsSimpleContainerGoesOnOverARestart() throws Exception {
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer();
        container.setConcurrentConsumers(2);
        overARestart(container, "simple-container");
    }

    private void overARestart(AbstractMessageListenerContainer container, String queue) throws Exception {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        try {
            container.setConnectionFactory(factory);
            container.setDestinationName(queue);
            container.setMessageListener(listener());
            start(container);

            sendOverARestart(new JmsTemplate(caching), queue);

            awaitAll();
        } finally {
            container.stop();
            container.destroy();
            caching.destroy();
        }
    }

    @Test
    void pooledConnectionsAndContextsAreUsedOverARestart() throws Exception {
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(factory);
        pool.setMaxConnections(2);
        pool.start();
        try {
            for (int i = 0; i < COUNT; i++) {
                if (i == COUNT / 2) {
                    restart();
                }
                send(pool, i);
            }
            try (Connection connection = pool.createConnection();
                    Session session = connection.createSession()) {
                connection.start();
                session.createConsumer(session.createQueue("pool")).setMessageListener(listener());
                awaitAll();
            }
            try (JMSContext context = pool.createContext(JMSContext.SESSION_TRANSACTED)) {
                context.createProducer().send(context.createQueue("pool"), "committed");
                context.commit();
            }
            assertThat(pool.getNumConnections()).isBetween(1, 2);
        } finally {
            pool.stop();
        }
    }

    /** As applications do it: a connection, a session and a producer for each message. */
    private static void send(JmsPoolConnectionFactory pool, int number) throws JMSException {
        try (Connection connection = pool.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(session.createQueue("pool"))
                    .send(session.createTextMessage(Integer.toString(number)));
        }
    }

    @Test
    void aProgramOfJavaxJmsRunsOnTheTwin() throws Exception {
        Path target = Checkout.root().resolve("tck-tests/clients/javax/target");
        assertThat(Files.isDirectory(target.resolve("lib")))
                .as("built by mvn -Dquick package -pl tck-tests -am")
                .isTrue();
        try (Program program = Program.run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                target.resolve("classes") + java.io.File.pathSeparator + target.resolve("lib") + "/*",
                "org.polymq.tck.javax.JavaxProgram",
                server.endpoints().nativePort())) {
            List<String> lines = program.awaitEnd(PATIENCE);

            assertThat(lines).last().isEqualTo("ok");
        }
    }

    @Test
    void aPoolSaysWhatTheBrokerSays() {
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(factory);
        pool.start();
        try (JMSContext context = pool.createContext()) {
            assertThatThrownBy(() -> context.createConsumer(context.createQueue("pool"), "a ="))
                    .isInstanceOf(jakarta.jms.InvalidSelectorRuntimeException.class);
        } finally {
            pool.stop();
        }
    }
}
