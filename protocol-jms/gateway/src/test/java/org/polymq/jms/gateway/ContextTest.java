/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The simplified API. */
class ContextTest extends JmsTest {

    @Test
    void sendsAndReceivesBodies() {
        try (JMSContext context = server.factory().createContext()) {
            Queue queue = context.createQueue("orders");
            JMSConsumer consumer = context.createConsumer(queue);

            context.createProducer()
                    .setProperty("n", 1)
                    .setJMSCorrelationID("c")
                    .send(queue, "text")
                    .send(queue, Map.of("k", 1))
                    .send(queue, new byte[] {1, 2});

            assertThat(consumer.receiveBody(String.class, LONG)).isEqualTo("text");
            assertThat((Object) consumer.receiveBody(Map.class, LONG)).isEqualTo(Map.of("k", 1));
            assertThat(consumer.receiveBody(byte[].class, LONG)).containsExactly(1, 2);
            assertThat(consumer.receiveBodyNoWait(String.class)).isNull();
        }
    }

    @Test
    void aBodyOfAnotherTypeStaysToBeReceived() throws JMSException {
        try (JMSContext context = server.factory().createContext()) {
            Queue queue = context.createQueue("orders");
            JMSConsumer consumer = context.createConsumer(queue);
            context.createProducer().send(queue, "text");

            assertThatThrownBy(() -> consumer.receiveBody(Map.class, LONG))
                    .isInstanceOf(MessageFormatRuntimeException.class);

            Message message = consumer.receive(LONG);
            assertThat(text(message)).isEqualTo("text");
            assertThat(message.getJMSRedelivered()).isFalse();
        }
    }

    @Test
    void contextsOfOneConnectionShareItUntilTheLastCloses() {
        JMSContext first = server.factory("clientId=c").createContext();
        JMSContext second = first.createContext(JMSContext.SESSION_TRANSACTED);
        Queue queue = second.createQueue("orders");

        first.close();
        second.createProducer().send(queue, "x");
        second.commit();
        assertThat(second.createConsumer(queue).receiveBody(String.class, LONG)).isEqualTo("x");
        second.commit();
        second.close();

        assertThatThrownBy(second::createMessage).isInstanceOf(IllegalStateRuntimeException.class);
        server.factory("clientId=c").createContext().close();
    }

    @Test
    void acknowledgesEverythingAtOnce() {
        try (JMSContext context = server.factory().createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            Queue queue = context.createQueue("orders");
            for (int i = 1; i <= 3; i++) {
                context.createProducer().send(queue, String.valueOf(i));
            }
            JMSConsumer consumer = context.createConsumer(queue);
            consumer.receive(LONG);
            consumer.receive(LONG);

            context.acknowledge();
            context.recover();

            assertThat(consumer.receiveBody(String.class, LONG)).isEqualTo("3");
        }
    }

    @Test
    void aDurableConsumerListens() throws InterruptedException {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (JMSContext context = server.factory().createContext()) {
            context.setClientID("c");
            Topic topic = context.createTopic("news");
            context.createDurableConsumer(topic, "s").setMessageListener(message -> {
                try {
                    heard.add(message.getBody(String.class));
                } catch (JMSException e) {
                    heard.add(e.toString());
                }
            });

            context.createContext(JMSContext.AUTO_ACKNOWLEDGE).createProducer().send(topic, "hello");

            assertThat(heard.poll(LONG, TimeUnit.MILLISECONDS)).isEqualTo("hello");
        }
    }

    @Test
    void itsExceptionsAreUnchecked() {
        try (JMSContext context = server.factory().createContext()) {
            assertThatThrownBy(() -> context.createConsumer(null))
                    .isInstanceOf(InvalidDestinationRuntimeException.class);
            assertThatThrownBy(() -> context.createProducer().send(context.createQueue("q"), (Message) null))
                    .isInstanceOf(MessageFormatRuntimeException.class);
            assertThatThrownBy(() -> context.createProducer().setPriority(10)).isInstanceOf(JMSRuntimeException.class);
            assertThatThrownBy(context::commit).isInstanceOf(IllegalStateRuntimeException.class);
            assertThatThrownBy(() -> context.createContext(9)).isInstanceOf(JMSRuntimeException.class);
        }
        server.close();
        assertThatThrownBy(() -> server.factory().createContext()).isInstanceOf(JMSRuntimeException.class);
    }
}
