/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import jakarta.jms.TransactionRolledBackException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.topic.Topic.Origin;
import org.polymq.broker.topic.TopicSpec;

/** With {@code jms.auto-create} off only what an administrator has made can be used. */
class AutoCreateTest {
    @TempDir
    Path directory;

    private TestServer server;
    private Connection connection;

    @BeforeEach
    void start() throws IOException, JMSException {
        JmsSettings usual = JmsSettings.defaults(System.nanoTime());
        server = new TestServer(
                TestServer.open(directory),
                new JmsSettings(usual.maxFrameSize(), usual.maxObjects(), usual.requestRate(), usual.runId(), false));
        make(TopicSpec.queue("orders", Origin.JMS));
        connection = server.factory("clientId=c").createConnection();
        connection.start();
    }

    @AfterEach
    void stop() throws JMSException {
        connection.close();
        server.close();
    }

    private void make(TopicSpec spec) {
        AtomicBoolean done = new AtomicBoolean();
        server.broker().topics().ensure(spec, Lane.direct(), Reply.of(made -> done.set(true), refused -> {}));
        await().untilTrue(done);
    }

    private static void refuses(Class<? extends Throwable> type, ThrowingCallable... calls) {
        assertThat(calls)
                .allSatisfy(call -> assertThatThrownBy(call)
                        .isInstanceOf(type)
                        .hasMessageContainingAll("'unknown'", "jms.auto-create", "administrator"));
    }

    @Test
    void theClassicApiRefusesWhatIsNotThere() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("unknown");
        Topic topic = session.createTopic("unknown.below");

        refuses(
                InvalidDestinationException.class,
                () -> session.createConsumer(queue),
                () -> session.createConsumer(topic),
                () -> session.createConsumer(topic, "a = 1", true),
                () -> session.createDurableConsumer(topic, "d"),
                () -> session.createSharedConsumer(topic, "s"),
                () -> session.createSharedDurableConsumer(topic, "sd"),
                () -> session.createBrowser(queue),
                () -> session.createProducer(queue).send(session.createMessage()),
                () -> session.createProducer(null).send(topic, session.createMessage()));
        assertThat(server.broker().topics().get("unknown")).isNull();
    }

    @Test
    void theSimplifiedApiRefusesWhatIsNotThere() throws JMSException {
        connection.close();
        try (JMSContext context = server.factory("clientId=c").createContext()) {
            Queue queue = context.createQueue("unknown");
            Topic topic = context.createTopic("unknown");

            refuses(
                    InvalidDestinationRuntimeException.class,
                    () -> context.createConsumer(queue),
                    () -> context.createConsumer(topic),
                    () -> context.createDurableConsumer(topic, "d"),
                    () -> context.createSharedDurableConsumer(topic, "sd"),
                    () -> context.createBrowser(queue),
                    () -> context.createProducer().send(queue, "x"),
                    () -> context.createProducer().send(topic, "x"));
        }
    }

    @Test
    void aCompletionListenerAndACommitHearOfItToo() throws Exception {
        Session session = connection.createSession();
        CompletableFuture<Exception> heard = new CompletableFuture<>();
        session.createProducer(session.createQueue("unknown"))
                .send(session.createTextMessage("x"), new CompletionListener() {
                    @Override
                    public void onCompletion(Message message) {
                        heard.complete(new IllegalStateException("it was stored"));
                    }

                    @Override
                    public void onException(Message message, Exception refused) {
                        heard.complete(refused);
                    }
                });
        assertThat(heard.get(5, TimeUnit.SECONDS)).isInstanceOf(InvalidDestinationException.class);

        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(null);
        producer.send(transacted.createQueue("orders"), transacted.createTextMessage("kept"));
        producer.send(transacted.createQueue("unknown"), transacted.createTextMessage("refused"));
        refuses(TransactionRolledBackException.class, transacted::commit);
        assertThat(session.createConsumer(session.createQueue("orders")).receiveNoWait())
                .isNull();
    }

    @Test
    void whatIsThereAndTemporaryDestinationsCanBeUsed() throws JMSException {
        make(TopicSpec.topic("news", 4, Origin.JMS));
        Session session = connection.createSession();
        TemporaryQueue temporary = session.createTemporaryQueue();
        for (var destination : new jakarta.jms.Destination[] {
            session.createQueue("orders"), session.createTopic("news.sport"), temporary
        }) {
            var consumer = session.createConsumer(destination);
            JmsTest.send(session, destination, 1, 1);
            assertThat(JmsTest.receive(consumer, 1)).containsExactly("1");
        }
    }
}
