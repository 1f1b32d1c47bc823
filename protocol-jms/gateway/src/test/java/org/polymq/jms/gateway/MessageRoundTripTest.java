/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages through the broker's log and back. */
class MessageRoundTripTest extends JmsTest {
    private Session session;
    private Queue queue;
    private MessageProducer producer;
    private MessageConsumer consumer;

    @BeforeEach
    void open() throws JMSException {
        connection.close();
        connection = server.factory("trustedPackages=java.util").createConnection();
        connection.start();
        session = connection.createSession();
        queue = session.createQueue("orders");
        producer = session.createProducer(queue);
        consumer = session.createConsumer(queue);
    }

    private <M extends Message> M travelled(M message, Class<M> type) throws JMSException {
        producer.send(message);
        return type.cast(one(consumer));
    }

    @Test
    void headersTravel() throws JMSException {
        TextMessage message = session.createTextMessage("hi");
        Topic replies = session.createTopic("replies.to.me");
        message.setJMSReplyTo(replies);
        message.setJMSCorrelationID("c-1");
        message.setJMSType("greeting");
        long before = System.currentTimeMillis();
        producer.send(message, DeliveryMode.NON_PERSISTENT, 7, 60_000);

        Message received = one(consumer);

        assertThat(received.getJMSMessageID())
                .isEqualTo(message.getJMSMessageID())
                .startsWith("ID:");
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSReplyTo()).isEqualTo(replies);
        assertThat(received.getJMSCorrelationID()).isEqualTo("c-1");
        assertThat(received.getJMSType()).isEqualTo("greeting");
        assertThat(received.getJMSPriority()).isEqualTo(7);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSTimestamp())
                .isEqualTo(message.getJMSTimestamp())
                .isGreaterThanOrEqualTo(before);
        assertThat(received.getJMSExpiration()).isEqualTo(message.getJMSTimestamp() + 60_000);
        assertThat(received.getJMSDeliveryTime()).isEqualTo(message.getJMSDeliveryTime());
        assertThat(received.getJMSRedelivered()).isFalse();
    }

    @Test
    void binaryCorrelationIdsTravel() throws JMSException {
        Message message = session.createMessage();
        message.setJMSCorrelationIDAsBytes(new byte[] {0, (byte) 0xff, 7});

        Message received = travelled(message, Message.class);

        assertThat(received.getJMSCorrelationIDAsBytes()).containsExactly(0, 0xff, 7);
        Message answer = session.createMessage();
        answer.setJMSCorrelationID(received.getJMSCorrelationID());
        assertThat(travelled(answer, Message.class).getJMSCorrelationIDAsBytes())
                .containsExactly(0, 0xff, 7);
    }

    @Test
    void propertiesTravelWithTheirTypes() throws JMSException {
        Message message = session.createMessage();
        List<Object> values = List.of(true, (byte) 1, (short) 2, 3, 4L, 5f, 6d, "seven\u0001\u0002");
        for (Object value : values) {
            message.setObjectProperty("p" + value.getClass().getSimpleName(), value);
        }
        message.setStringProperty("KEYS", "k1 k2");
        message.setStringProperty("TAGS", "t");
        message.setStringProperty("JMSXGroupID", "g");
        message.setIntProperty("JMSXGroupSeq", 1);

        Message received = travelled(message, Message.class);

        for (Object value : values) {
            assertThat(received.getObjectProperty("p" + value.getClass().getSimpleName()))
                    .isEqualTo(value);
        }
        assertThat(received.getStringProperty("KEYS")).isEqualTo("k1 k2");
        assertThat(received.getStringProperty("TAGS")).isEqualTo("t");
        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("g");
        assertThat(received.getObjectProperty("JMSXGroupSeq")).isEqualTo(1);
        int names = 0;
        for (Enumeration<?> all = received.getPropertyNames(); all.hasMoreElements(); all.nextElement()) {
            names++;
        }
        assertThat(names).as("with JMSXDeliveryCount").isEqualTo(values.size() + 5);
    }

    @Test
    void everyTypeOfMessageTravels() throws JMSException {
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeBytes(new byte[] {0, 1, (byte) 0xff});
        assertThat(travelled(bytes, BytesMessage.class).getBody(byte[].class)).containsExactly(0, 1, 0xff);

        assertThat(travelled(session.createTextMessage("Grüße 😀"), TextMessage.class)
                        .getText())
                .isEqualTo("Grüße 😀");
        assertThat(travelled(session.createTextMessage(), TextMessage.class).getText())
                .isNull();
        assertThat(travelled(session.createTextMessage(""), TextMessage.class).getText())
                .isEmpty();

        MapMessage map = session.createMapMessage();
        map.setInt("n", 1);
        map.setChar("c", 'x');
        MapMessage receivedMap = travelled(map, MapMessage.class);
        assertThat(receivedMap.getObject("n")).isEqualTo(1);
        assertThat(receivedMap.getObject("c")).isEqualTo('x');

        StreamMessage stream = session.createStreamMessage();
        stream.writeLong(1);
        stream.writeBytes(new byte[] {1});
        StreamMessage receivedStream = travelled(stream, StreamMessage.class);
        assertThat(receivedStream.readObject()).isEqualTo(1L);
        assertThat((byte[]) receivedStream.readObject()).containsExactly(1);

        ArrayList<String> list = new ArrayList<>(List.of("a", "b"));
        assertThat(travelled(session.createObjectMessage(list), ObjectMessage.class)
                        .getObject())
                .isEqualTo(list);

        assertThat(travelled(session.createMessage(), Message.class).isBodyAssignableTo(String.class))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 1 << 20, 3 << 20})
    void bodiesOfAnySizeTravel(int size) throws JMSException {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);

        BytesMessage received = travelled(message, BytesMessage.class);

        byte[] read = new byte[size + 1];
        assertThat(received.getBodyLength()).isEqualTo(size);
        assertThat(received.readBytes(read)).isEqualTo(size == 0 ? -1 : size);
        assertThat(Arrays.copyOf(read, size)).isEqualTo(body);
    }

    @Test
    void anotherProvidersMessageIsSentAndHearsItsHeaders() throws JMSException {
        TextMessage own = session.createTextMessage("from afar");
        own.setIntProperty("n", 1);
        own.setJMSCorrelationID("c");
        TextMessage foreign = (TextMessage) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TextMessage.class}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(own, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });

        TextMessage received = travelled(foreign, TextMessage.class);

        assertThat(received.getText()).isEqualTo("from afar");
        assertThat(received.getIntProperty("n")).isEqualTo(1);
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(foreign.getJMSMessageID()).isEqualTo(received.getJMSMessageID());
        assertThat(foreign.getJMSDestination()).isEqualTo(queue);
    }

    @Test
    void aReceivedMessageCanBeSentOn() throws JMSException {
        TextMessage message = session.createTextMessage("on and on");
        message.setIntProperty("n", 1);
        TextMessage received = travelled(message, TextMessage.class);
        String firstId = received.getJMSMessageID();

        TextMessage again = travelled(received, TextMessage.class);

        assertThat(again.getText()).isEqualTo("on and on");
        assertThat(again.getIntProperty("n")).isEqualTo(1);
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(again.getJMSMessageID()).isNotEqualTo(firstId);
    }
}
