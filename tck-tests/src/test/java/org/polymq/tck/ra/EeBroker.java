/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.jms.PolyMQXAConnectionFactory;
import org.polymq.tck.server.BrokerProcess;

/** A broker that a Jakarta EE server uses, and what the test's own clients see of it. Used by one thread at a time. */
final class EeBroker implements AutoCloseable {
    private final BrokerProcess process;

    /** One on ports that it keeps, not started yet. */
    EeBroker(Path directory) throws IOException {
        process = BrokerProcess.in(Files.createDirectories(directory)).onFixedPorts();
    }

    void start() throws Exception {
        process.start();
    }

    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }

    String url() {
        return "polymq://" + process.address("native.port");
    }

    void send(String queue, String... texts) {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url());
                JMSContext context = factory.createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        }
    }

    void publish(String topic, String text) {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url());
                JMSContext context = factory.createContext()) {
            context.createProducer().send(context.createTopic(topic), text);
        }
    }

    /** Waits for so many messages of a queue and takes what is there besides. */
    List<String> drain(String queue, int count) {
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

    /** Whether somebody has this client id. */
    boolean hasClient(String id) {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url() + "?clientId=" + id);
                JMSContext context = factory.createContext()) {
            return context.getClientID() == null;
        } catch (InvalidClientIDRuntimeException e) {
            return true;
        }
    }

    /** How many branches wait for a decision. */
    int prepared() throws JMSException, XAException {
        try (PolyMQXAConnectionFactory factory = new PolyMQXAConnectionFactory(url());
                XAConnection connection = factory.createXAConnection()) {
            return connection.createXASession().getXAResource().recover(XAResource.TMSTARTRSCAN).length;
        }
    }
}
