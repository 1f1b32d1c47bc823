/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.ledger.Verdict;

/** A queue is one queue for everybody: its consumers share the messages, whatever protocol they speak. */
@SuppressWarnings("try") // what is opened works while it is open
class QueuesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long RECEIVE_MILLIS = 20_000;

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    @Test
    void jmsAndMqttConsumersShareWhatAllThreeSend() throws Exception {
        String queue = "orders";
        Ledger ledger = new Ledger();
        ledger.subscribes("everybody", Set.of("jms-queue", "mqtt5-qos1-queue", "native5"));
        Protocol jms = JmsProtocol.queues();
        Protocol mqtt = Mqtt5Protocol.queues(1);
        // All consumers book under one name: together they are one subscriber.
        try (Subscriber first = jms.subscriber(
                        SERVER.at(), "jms-1", queue, incoming -> ledger.received("everybody", incoming.body()));
                Subscriber second = jms.subscriber(
                        SERVER.at(), "jms-2", queue, incoming -> ledger.received("everybody", incoming.body()));
                Subscriber third = mqtt.subscriber(
                        SERVER.at(), "mqtt-1", queue, incoming -> ledger.received("everybody", incoming.body()))) {
            for (Protocol from : new Protocol[] {jms, mqtt, RocketMqVersion.V5.protocol()}) {
                try (Publisher publisher = from.publisher(SERVER.at(), "queue-" + from.name(), queue)) {
                    for (int i = 0; i < Tier.choose(200, 2_000); i++) {
                        Stamp stamp = ledger.next(from.name());
                        publisher.publish(Outgoing.of(stamp.body(100)));
                        ledger.acknowledged(stamp);
                    }
                }
            }
            await().atMost(PATIENCE).until(ledger::complete);
        }

        Verdict verdict = ledger.judge();
        assertThat(verdict.lost()).as("%s", verdict.examples()).isZero();
        assertThat(verdict.doubled()).isZero();
        assertThat(verdict.corrupt()).isZero();
    }

    @Test
    void aRolledBackMessageComesAgainInItsPlace() throws Exception {
        try (Connection connection = JmsProtocol.factory(SERVER.at()).createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(session.createQueue("rollback"));
            for (int i = 0; i < 3; i++) {
                producer.send(session.createTextMessage("m" + i));
            }
            session.commit();
            MessageConsumer consumer = session.createConsumer(session.createQueue("rollback"));

            assertThat(text(consumer)).isEqualTo("m0");
            assertThat(text(consumer)).isEqualTo("m1");
            session.rollback();

            Message again = consumer.receive(RECEIVE_MILLIS);
            assertThat(again.getBody(String.class)).isEqualTo("m0");
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
            assertThat(text(consumer)).isEqualTo("m1");
            Message fresh = consumer.receive(RECEIVE_MILLIS);
            assertThat(fresh.getBody(String.class)).isEqualTo("m2");
            assertThat(fresh.getJMSRedelivered()).isFalse();
            session.commit();
        }
    }

    @Test
    void whatIsNotCommittedIsNeverSent() throws Exception {
        try (Connection connection = JmsProtocol.factory(SERVER.at()).createConnection()) {
            connection.start();
            Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = transacted.createProducer(transacted.createQueue("uncommitted"));
            producer.send(transacted.createTextMessage("no"));
            transacted.rollback();
            producer.send(transacted.createTextMessage("yes"));
            transacted.commit();

            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue("uncommitted"));
            assertThat(text(consumer)).isEqualTo("yes");
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void usingATopicAsAQueueIsRefusedOnceSomebodySubscribedIt() throws Exception {
        try (Connection connection = JmsProtocol.factory(SERVER.at()).createConnection();
                Subscriber subscriber =
                        Mqtt5Protocol.topics(1).subscriber(SERVER.at(), "kinds", "news", message -> {});
                Publisher publisher = Mqtt5Protocol.topics(1).publisher(SERVER.at(), "kinds-publisher", "news")) {
            publisher.publish(Outgoing.of(new byte[] {1}));
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);

            assertThatThrownBy(() ->
                            session.createProducer(session.createQueue("news")).send(session.createMessage()))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("news");
        }
    }

    private static String text(MessageConsumer consumer) throws JMSException {
        return consumer.receive(RECEIVE_MILLIS).getBody(String.class);
    }
}
