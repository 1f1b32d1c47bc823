/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ValidatingManagedConnectionFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.jms.PolyMQXAConnectionFactory;
import org.polymq.tck.server.BrokerProcess;

/** The resource adapter's archive in a small container with a real transaction manager, against a real broker. */
class ResourceAdapterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static BrokerProcess server;
    private static SmallContainer container;

    @BeforeAll
    static void start() throws Exception {
        server = BrokerProcess.in(Files.createDirectories(directory.resolve("broker")))
                .onFixedPorts();
        server.start();
        container = SmallContainer.start(directory, Map.of("serverUrl", url()));
    }

    @AfterAll
    static void stop() throws Exception {
        container.close();
        server.close();
    }

    private static String url() {
        return "polymq://" + server.address("native.port");
    }

    private static void send(String queue, String... texts) {
        try (JMSContext context = new PolyMQConnectionFactory(url()).createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        }
    }

    private static String receive(String queue) {
        try (JMSContext context = new PolyMQConnectionFactory(url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            return consumer.receiveBody(String.class, PATIENCE.toMillis());
        }
    }

    private static void assertEmpty(String queue) {
        try (JMSContext context = new PolyMQConnectionFactory(url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    private static Map<String, Object> queue(String name) {
        return Map.of("destination", name, "destinationType", "jakarta.jms.Queue", "maxConcurrency", 2);
    }

    // ---- inbound

    @Test
    void aBeansMessageAndWhatItSendsAreOneTransaction() throws Exception {
        Pool pool = container.pool();
        ConnectionFactory factory = container.factory(pool, Map.of());
        List<String> seen = new CopyOnWriteArrayList<>();
        TestEndpoints endpoints = new TestEndpoints(container.transactions(), true, message -> {
            try (JMSContext context = factory.createContext()) {
                String text = message.getBody(String.class);
                seen.add(text + " " + message.getIntProperty("JMSXDeliveryCount") + " "
                        + Thread.currentThread().getName());
                context.createProducer().send(context.createQueue("ra.out"), text);
                if (text.equals("second") && !message.getJMSRedelivered()) {
                    throw new IllegalArgumentException("the first time it fails");
                }
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        send("ra.in", "first");

        container.whileActive(endpoints, container.spec(queue("ra.in")), () -> {
            assertThat(receive("ra.out")).isEqualTo("first");
            send("ra.in", "second");
            assertThat(receive("ra.out")).isEqualTo("second");
        });

        assertThat(seen)
                .containsExactly(
                        "first 1 " + TestWorkManager.THREADS,
                        "second 1 " + TestWorkManager.THREADS,
                        "second 2 " + TestWorkManager.THREADS);
        assertEmpty("ra.in");
        assertEmpty("ra.out");
        assertThat(endpoints.open()).isZero();
        assertThat(pool.made()).isLessThanOrEqualTo(2);
    }

    @Test
    void aBeanWithoutTransactionGetsWhatItFailedOnAgain() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        TestEndpoints endpoints = new TestEndpoints(container.transactions(), false, message -> {
            seen.add(text(message));
            if (seen.size() == 1) {
                throw new IllegalArgumentException("the first time it fails");
            }
        });
        send("ra.plain", "only");

        container.whileActive(
                endpoints,
                container.spec(Map.of(
                        "destination", "ra.plain",
                        "destinationType", "jakarta.jms.Queue",
                        "acknowledgeMode", "Dups-ok-acknowledge",
                        "redeliveryDelay", 1)),
                () -> {
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(seen).containsExactly("only", "only"));
                });
        assertEmpty("ra.plain");
    }

    @Test
    void aSharedDurableSubscriptionKeepsMessagesWhileTheBeanIsAway() throws Exception {
        Map<String, Object> words = Map.of(
                "destination", "ra.news",
                "destinationType", "jakarta.jms.Topic",
                "messageSelector", "kind = 'good'",
                "subscriptionDurability", "Durable",
                "subscriptionName", "readers",
                "sharedSubscription", true,
                "maxConcurrency", 3);
        List<String> seen = new CopyOnWriteArrayList<>();
        // The bean is deployed after the adapter begins: the adapter asks again.
        TestEndpoints endpoints = new TestEndpoints(container.transactions(), true, message -> seen.add(text(message)));
        endpoints.unavailableFor(1);
        Map<String, Object> impatient = new HashMap<>(words);
        impatient.put("reconnectInterval", 50);
        container.whileActive(endpoints, container.spec(impatient), () -> {
            await().atMost(PATIENCE).until(() -> endpoints.open() == 3);
            await().atMost(PATIENCE).until(() -> {
                publish("good", "first");
                return !seen.isEmpty();
            });
        });
        seen.clear();
        publish("bad", "second");
        publish("good", "third");
        assertThat(seen).isEmpty();

        container.whileActive(endpoints, container.spec(words), () -> {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).contains("third"));
        });
        assertThat(seen).doesNotContain("second");
    }

    private static void publish(String kind, String text) {
        try (JMSContext context = new PolyMQConnectionFactory(url()).createContext()) {
            context.createProducer().setProperty("kind", kind).send(context.createTopic("ra.news"), text);
        }
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void deliveryGoesOnAfterTheBrokerWasAwayAndADeadConnectionLeavesThePool() throws Exception {
        Pool pool = container.pool();
        ManagedConnectionFactory managed = container.managed(Map.of("options", "reconnectAttempts=0"));
        ConnectionFactory factory = (ConnectionFactory) managed.createConnectionFactory(pool);
        factory.createContext().close();
        List<ManagedConnection> idle = pool.idle();
        List<String> seen = new CopyOnWriteArrayList<>();
        TestEndpoints endpoints = new TestEndpoints(container.transactions(), true, message -> seen.add(text(message)));
        ActivationSpec spec = container.spec(Map.of(
                "destination", "ra.away",
                "destinationType", "jakarta.jms.Queue",
                "reconnectInterval", 50,
                "options", "reconnectAttempts=0",
                "serverUrl", url()));

        container.whileActive(endpoints, spec, () -> {
            send("ra.away", "before");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).contains("before"));
            server.kill();
            // The client tells of the loss on a thread of its own.
            await().atMost(PATIENCE).until(() -> pool.failed() == 1);
            assertThat(((ValidatingManagedConnectionFactory) managed)
                            .getInvalidConnections(Set.copyOf(idle))
                            .size())
                    .isEqualTo(1);
            assertThatThrownBy(factory::createContext).isInstanceOf(JMSRuntimeException.class);
            server.start();

            send("ra.away", "after");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).contains("after"));
            factory.createContext().close();
            assertThat(pool.made()).isEqualTo(2);
        });
    }

    @Test
    void wrongWordsAreNamed() throws Exception {
        ActivationSpec spec = container.spec(Map.of(
                "destination", "ra.topic",
                "destinationType", "jakarta.jms.Topic",
                "subscriptionDurability", "Durable",
                "acknowledgeMode", "Never",
                "maxConcurrency", 4,
                "options", "prefetsch=1"));

        assertThatThrownBy(spec::validate)
                .isInstanceOfSatisfying(
                        InvalidPropertyException.class,
                        refused -> assertThat(refused.getInvalidPropertyDescriptors())
                                .extracting("name")
                                .containsExactly(
                                        "acknowledgeMode",
                                        "subscriptionName",
                                        "clientId",
                                        "maxConcurrency",
                                        "serverUrl"))
                .hasMessageContaining("prefetsch");
    }

    // ---- outbound

    @Test
    void aSenderTakesPartInTheThreadsTransaction() throws Exception {
        Pool pool = container.pool();
        ConnectionFactory factory = container.factory(pool, Map.of());
        container.transactions().begin();
        sendThrough(factory, "rolled back");
        container.transactions().rollback();
        assertEmpty("ra.sent");

        container.transactions().begin();
        sendThrough(factory, "committed");
        assertEmpty("ra.sent");
        container.transactions().commit();
        assertThat(receive("ra.sent")).isEqualTo("committed");

        sendThrough(factory, "at once");
        assertThat(receive("ra.sent")).isEqualTo("at once");
        assertThat(pool.made()).isEqualTo(1);
    }

    private static void sendThrough(ConnectionFactory factory, String text) throws JMSException {
        try (Connection connection = factory.createConnection()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("ra.sent"));
            producer.send(session.createTextMessage(text));
        }
    }

    @Test
    void aLocalTransactionHoldsWhatWasSentAndReceived() throws Exception {
        ManagedConnection managed = container.managed(Map.of()).createManagedConnection(null, null);
        Connection connection = (Connection) managed.getConnection(null, null);
        Session session = connection.createSession();
        connection.start();
        MessageProducer producer = session.createProducer(session.createQueue("ra.local"));
        MessageConsumer consumer = session.createConsumer(session.createQueue("ra.local"));
        LocalTransaction local = managed.getLocalTransaction();
        local.begin();
        producer.send(session.createTextMessage("first"));
        local.rollback();
        local.begin();
        producer.send(session.createTextMessage("second"));
        local.commit();

        local.begin();
        assertThat(consumer.receive(PATIENCE.toMillis()).getBody(String.class)).isEqualTo("second");
        local.rollback();
        local.begin();
        Message again = consumer.receive(PATIENCE.toMillis());
        assertThat(again.getJMSRedelivered()).isTrue();
        local.commit();

        managed.destroy();
        assertEmpty("ra.local");
    }

    @Test
    void whatContainersForbidIsRefused() throws Exception {
        ConnectionFactory factory = container.factory(container.pool(), Map.of());
        Connection connection = factory.createConnection();
        assertThatThrownBy(() -> connection.setClientID("me")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(connection::stop).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.setExceptionListener(e -> {})).isInstanceOf(IllegalStateException.class);
        Session session = connection.createSession();
        assertThatThrownBy(connection::createSession).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::commit).isInstanceOf(IllegalStateException.class);
        MessageConsumer consumer = session.createConsumer(session.createTemporaryQueue());
        assertThatThrownBy(() -> consumer.setMessageListener(message -> {})).isInstanceOf(IllegalStateException.class);
        session.close();
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
        connection.createSession().close();
        connection.close();
        assertThatThrownBy(connection::createSession).isInstanceOf(IllegalStateException.class);

        try (JMSContext context = factory.createContext()) {
            assertThatThrownBy(() -> context.createContext(JMSContext.AUTO_ACKNOWLEDGE))
                    .isInstanceOf(IllegalStateRuntimeException.class);
            assertThatThrownBy(() -> context.createProducer().setAsync(new Nothing()))
                    .isInstanceOf(IllegalStateRuntimeException.class);
            assertThat(context.createProducer().setPriority(7).getPriority()).isEqualTo(7);
        }
    }

    private static final class Nothing implements CompletionListener {
        @Override
        public void onCompletion(Message message) {}

        @Override
        public void onException(Message message, Exception exception) {}
    }

    // ---- recovery

    @Test
    void recoverySeesPreparedBranchesAndEndsThem() throws Exception {
        Xid xid = new TestXid();
        try (XAConnection connection = new PolyMQXAConnectionFactory(url()).createXAConnection()) {
            XASession session = connection.createXASession();
            session.getXAResource().start(xid, XAResource.TMNOFLAGS);
            session.createProducer(session.createQueue("ra.recovered")).send(session.createTextMessage("prepared"));
            session.getXAResource().end(xid, XAResource.TMSUCCESS);
            assertThat(session.getXAResource().prepare(xid)).isEqualTo(XAResource.XA_OK);
        }
        assertEmpty("ra.recovered");

        XAResource[] resources = container.adapter().getXAResources(new ActivationSpec[] {
            container.spec(queue("ra.one")), container.spec(queue("ra.two"))
        });
        assertThat(resources).hasSize(1);
        Xid[] found = resources[0].recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
        assertThat(found).hasSize(1);
        assertThat(found[0].getGlobalTransactionId()).isEqualTo(xid.getGlobalTransactionId());
        resources[0].commit(found[0], false);

        assertThat(receive("ra.recovered")).isEqualTo("prepared");
        assertThat(resources[0].recover(XAResource.TMSTARTRSCAN)).isEmpty();
        assertThat(resources[0].isSameRM(resources[0])).isTrue();
    }

    private static final class TestXid implements Xid {
        @Override
        public int getFormatId() {
            return 77;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return new byte[] {1, 2, 3};
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {4};
        }
    }
}
