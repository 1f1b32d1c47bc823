/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.jms.PolyMQXAConnectionFactory;
import org.polymq.tck.server.BrokerProcess;

/**
 * What holds in every Jakarta EE server: a message-driven bean, a sender and a database, in transactions that commit or
 * roll back together. Takes minutes and needs the server's zip.
 */
abstract class EeServerContract {
    @TempDir
    Path directory;

    private BrokerProcess broker;
    private EeServer server;

    abstract EeServer server(Path directory, String broker) throws IOException;

    @BeforeEach
    void start() throws Exception {
        broker = BrokerProcess.in(Files.createDirectories(directory.resolve("broker")))
                .onFixedPorts();
        broker.start();
        server = server(Files.createDirectories(directory.resolve("server")), url());
        server.install();
        server.awaitApplication();
        told("create", "");
    }

    @AfterEach
    void stop() {
        if (server != null) { // it is not when the broker did not start
            server.close();
        }
        broker.close();
    }

    private String url() {
        return "polymq://" + broker.address("native.port");
    }

    /** All in one server's life, because its start takes longer than all else. */
    @Test
    void messagesAndRowsAreOneTransaction() throws Exception {
        told("commit", "committed");
        told("rollback", "rolled back");
        told("outside", "without transaction");
        assertThat(drain("ee.sent", 2)).containsExactly("committed", "without transaction");
        assertThat(written()).containsExactly("committed");

        send("ee.in", "first", "fails once", "last");
        assertThat(drain("ee.out", 3)).containsExactlyInAnyOrder("first", "fails once", "last");
        assertThat(written()).containsExactlyInAnyOrder("committed", "first", "fails once", "last");

        useNames();

        broker.kill();
        broker.start();
        send("ee.in", "after a restart");
        assertThat(drain("ee.out", 1)).containsExactly("after a restart");

        recover();
    }

    /** What applications define and what beans look up. */
    void useNames() throws Exception {
        told("defined", "of the application's own resources");
        assertThat(drain("ee.defined", 1)).containsExactly("of the application's own resources");
        readsWhatItLooksUp();
    }

    /** A bean that names topic and factory by JNDI: the factory's client id is taken by the bean then. */
    private void readsWhatItLooksUp() {
        await().atMost(EeServer.PATIENCE).until(this::hasReader);
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url());
                JMSContext context = factory.createContext()) {
            context.createProducer().send(context.createTopic("ee.news"), "news");
        }
        assertThat(drain("ee.read", 1)).containsExactly("news");
    }

    private boolean hasReader() {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url() + "?clientId=ee-reader");
                JMSContext context = factory.createContext()) {
            return context.getClientID() == null;
        } catch (InvalidClientIDRuntimeException e) {
            return true;
        }
    }

    /** What more the server is asked for. */
    void recover() throws Exception {}

    /** With the decision logged the message and the row have to be there, without it neither. */
    final void recoverWhatWasPrepared() throws Exception {
        recoverWhatWasDecided();

        killBoth("prepare", "undecided");
        assertThat(drain("ee.sent", 0)).isEmpty();
        assertThat(written()).doesNotContain("undecided");
        theBeanIsThereAgain("after the second kill");
    }

    final void recoverWhatWasDecided() throws Exception {
        killBoth("commit", "decided");
        assertThat(drain("ee.sent", 1)).containsExactly("decided");
        // The database may have to be told later than the broker.
        await().atMost(EeServer.PATIENCE)
                .untilAsserted(() -> assertThat(written()).contains("decided"));
        theBeanIsThereAgain("after the first kill");
    }

    private void theBeanIsThereAgain(String text) {
        send("ee.in", text);
        assertThat(drain("ee.out", 1)).containsExactly(text);
    }

    private void told(String what, String text) throws IOException {
        assertThat(server.control(Map.of("do", what, "text", text))).contains("OK");
    }

    private List<String> written() throws IOException {
        List<String> lines = server.control(Map.of("do", "written"));
        assertThat(lines).contains("OK");
        return lines.subList(0, lines.size() - 1);
    }

    /** Kills both while the transaction manager asks or tells another resource, and waits for recovery. */
    private void killBoth(String at, String text) throws Exception {
        Path mark = directory.resolve("mark-" + at);
        server.begin(Map.of("do", "stop", "text", text, "at", at, "mark", mark.toString()));
        await().atMost(EeServer.PATIENCE).until(() -> Files.exists(mark));
        assertThat(prepared()).isEqualTo(1);
        server.kill();
        broker.kill();

        broker.start();
        assertThat(prepared()).isEqualTo(1);
        server.launch();
        server.awaitApplication();
        await().atMost(EeServer.PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> prepared() == 0);
    }

    /** How many branches wait for a decision at the broker. */
    private int prepared() throws JMSException, XAException {
        try (PolyMQXAConnectionFactory factory = new PolyMQXAConnectionFactory(url());
                XAConnection connection = factory.createXAConnection()) {
            return connection.createXASession().getXAResource().recover(XAResource.TMSTARTRSCAN).length;
        }
    }

    private void send(String queue, String... texts) {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url());
                JMSContext context = factory.createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        }
    }

    /** Waits for so many and takes what is there besides. */
    private List<String> drain(String queue, int count) {
        List<String> all = new ArrayList<>();
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url());
                JMSContext context = factory.createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            while (all.size() < count) {
                String text = consumer.receiveBody(String.class, EeServer.PATIENCE.toMillis());
                assertThat(text).as("after %s", all).isNotNull();
                all.add(text);
            }
            String more = consumer.receiveBodyNoWait(String.class);
            while (more != null) {
                all.add(more);
                more = consumer.receiveBodyNoWait(String.class);
            }
        }
        return all;
    }
}
