/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.jms.wire.Frame.Deliver;

class MessageTest {
    private static final TrustedClasses NONE = new TrustedClasses(List.of());

    /** What a consumer gets of it. */
    private static <M extends Message> M travelled(M message, Class<M> type, int count) throws JMSException {
        PolyMQMessage sent = (PolyMQMessage) message;
        sent.setJMSMessageID("ID:1");
        return type.cast(Messages.received(new Deliver(1, 1, count, sent.toWire(new PolyMQQueue("q"))), NONE));
    }

    @Test
    void headersAndPropertiesTravel() throws JMSException {
        PolyMQMessage message = new PolyMQMessage();
        message.setJMSCorrelationID("c");
        message.setJMSReplyTo(new PolyMQTopic("a.b"));
        message.setJMSType("t");
        message.setJMSPriority(7);
        message.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        message.setJMSExpiration(5);
        message.setStringProperty("s", "x");
        message.setLongProperty("l", 2);
        message.setObjectProperty("none", null);

        PolyMQMessage received = travelled(message, PolyMQMessage.class, 1);

        assertThat(received.getJMSMessageID()).isEqualTo("ID:1");
        assertThat(received.getJMSDestination()).isEqualTo(new PolyMQQueue("q"));
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getJMSReplyTo()).isEqualTo(new PolyMQTopic("a.b"));
        assertThat(received.getJMSType()).isEqualTo("t");
        assertThat(received.getJMSPriority()).isEqualTo(7);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSExpiration()).isEqualTo(5);
        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getObjectProperty("s")).isEqualTo("x");
        assertThat(received.getObjectProperty("l")).isEqualTo(2L);
        assertThat(received.propertyExists("none")).isTrue();
        assertThat(Collections.list(received.getPropertyNames()))
                .containsExactly("s", "l", "none", "JMSXDeliveryCount");
    }

    @Test
    void aSecondDeliveryIsMarkedAndCounted() throws JMSException {
        Message received = travelled(new PolyMQMessage(), PolyMQMessage.class, 2);

        assertThat(received.getJMSRedelivered()).isTrue();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
    }

    @Test
    void aReceivedMessageIsReadOnlyUntilCleared() throws JMSException {
        PolyMQTextMessage message = new PolyMQTextMessage();
        message.setText("hi");
        message.setIntProperty("n", 1);

        PolyMQTextMessage received = travelled(message, PolyMQTextMessage.class, 1);

        assertThatThrownBy(() -> received.setText("x")).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setIntProperty("n", 2)).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        assertThat(received.getText()).isNull();
        received.setText("x");
        assertThat(received.getIntProperty("n")).isEqualTo(1);
        received.clearProperties();
        received.setIntProperty("n", 2);
        assertThat(received.getText()).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "Grüße 😀", "\u0000"})
    void textTravels(String text) throws JMSException {
        PolyMQTextMessage message = new PolyMQTextMessage();
        message.setText(text);

        assertThat(travelled(message, PolyMQTextMessage.class, 1).getText()).isEqualTo(text);
    }

    @Test
    void noTextTravelsAsNoText() throws JMSException {
        assertThat(travelled(new PolyMQTextMessage(), PolyMQTextMessage.class, 1)
                        .getText())
                .isNull();
    }

    @Test
    void bytesAreWrittenThenReadToTheirEnd() throws JMSException {
        PolyMQBytesMessage message = new PolyMQBytesMessage();
        message.writeInt(7);
        message.writeUTF("x");
        message.writeObject(new byte[] {1, 2, 3});
        assertThatThrownBy(message::readInt).isInstanceOf(MessageNotReadableException.class);
        assertThatThrownBy(() -> message.writeObject(List.of())).isInstanceOf(MessageFormatException.class);

        PolyMQBytesMessage received = travelled(message, PolyMQBytesMessage.class, 1);

        assertThat(received.getBodyLength()).isEqualTo(10);
        assertThat(received.readInt()).isEqualTo(7);
        assertThat(received.readUTF()).isEqualTo("x");
        byte[] rest = new byte[5];
        assertThat(received.readBytes(rest)).isEqualTo(3);
        assertThat(rest).containsExactly(1, 2, 3, 0, 0);
        assertThat(received.readBytes(rest)).isEqualTo(-1);
        assertThatThrownBy(received::readByte).isInstanceOf(MessageEOFException.class);
        received.reset();
        assertThat(received.readUnsignedShort()).isZero();
        assertThat(received.getBody(byte[].class)).hasSize(10);
    }

    @Test
    void aFailedReadOfBytesStaysWhereItWas() throws JMSException {
        PolyMQBytesMessage message = new PolyMQBytesMessage();
        message.writeByte((byte) 9);
        message.reset();

        assertThatThrownBy(message::readLong).isInstanceOf(MessageEOFException.class);

        assertThat(message.readByte()).isEqualTo((byte) 9);
    }

    @Test
    void aMapTravelsWithItsTypes() throws JMSException {
        PolyMQMapMessage message = new PolyMQMapMessage();
        message.setChar("c", 'x');
        message.setBytes("b", new byte[] {1, 2, 3}, 1, 2);
        message.setDouble("d", 0.5);
        message.setString("null", null);
        assertThatThrownBy(() -> message.setInt("", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> message.setObject("o", BigDecimal.ONE)).isInstanceOf(MessageFormatException.class);

        PolyMQMapMessage received = travelled(message, PolyMQMapMessage.class, 1);

        assertThat(Collections.list(received.getMapNames())).containsExactly("c", "b", "d", "null");
        assertThat(received.getObject("c")).isEqualTo('x');
        assertThat(received.getBytes("b")).containsExactly(2, 3);
        assertThat(received.getObject("d")).isEqualTo(0.5);
        assertThat(received.itemExists("null")).isTrue();
        assertThat(received.isBodyAssignableTo(Map.class)).isTrue();
        assertThat((Object) received.getBody(Map.class)).isInstanceOf(Map.class);
        assertThatThrownBy(() -> received.getBody(String.class)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.setInt("x", 1)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Test
    void aStreamIsReadValueByValue() throws JMSException {
        PolyMQStreamMessage message = new PolyMQStreamMessage();
        message.writeString("12");
        message.writeObject(null);
        message.writeBytes(new byte[] {1, 2, 3});

        PolyMQStreamMessage received = travelled(message, PolyMQStreamMessage.class, 1);

        assertThatThrownBy(received::readChar).isInstanceOf(MessageFormatException.class);
        assertThat(received.readInt()).as("a failed read moves nothing").isEqualTo(12);
        assertThat(received.readString()).isNull();
        byte[] two = new byte[2];
        assertThat(received.readBytes(two)).isEqualTo(2);
        assertThatThrownBy(received::readByte).isInstanceOf(MessageFormatException.class);
        assertThat(received.readBytes(two)).isEqualTo(1);
        assertThatThrownBy(() -> received.readBytes(two)).isInstanceOf(MessageEOFException.class);
        assertThatThrownBy(received::readObject).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void bytesOfAStreamThatFillTheArrayExactlyEndWithMinusOne() throws JMSException {
        PolyMQStreamMessage message = new PolyMQStreamMessage();
        message.writeBytes(new byte[] {1, 2});
        message.writeBytes(new byte[0]);
        message.reset();

        byte[] two = new byte[2];
        assertThat(message.readBytes(two)).isEqualTo(2);
        assertThat(message.readBytes(two)).isEqualTo(-1);
        assertThat(message.readBytes(two)).isZero();
        assertThatThrownBy(() -> message.readBytes(two)).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void anObjectIsDeserialisedOnlyFromTheAllowList() throws JMSException {
        PolyMQObjectMessage message = new PolyMQObjectMessage(NONE);
        message.setObject(new BigDecimal("1.5"));
        assertThat(message.getObject()).as("its own").isEqualTo(new BigDecimal("1.5"));
        message.setJMSMessageID("ID:1");
        Deliver delivery = new Deliver(1, 1, 1, message.toWire(new PolyMQQueue("q")));

        PolyMQObjectMessage refused = (PolyMQObjectMessage) Messages.received(delivery, NONE);
        PolyMQObjectMessage trusted = (PolyMQObjectMessage)
                Messages.received(delivery, new TrustedClasses(List.of("java.math", "java.lang")));

        assertThatThrownBy(refused::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("trustedPackages");
        assertThat(trusted.getObject()).isEqualTo(new BigDecimal("1.5"));
    }

    @Test
    void aMapBodyThatIsNoneArrivesAsBytes() throws JMSException {
        PolyMQMapMessage message = new PolyMQMapMessage();
        message.setJMSMessageID("ID:1");
        var wire = message.toWire(new PolyMQQueue("q"));
        var broken = new org.polymq.jms.wire.WireMessage(
                wire.destination(), "1", wire.type(), new byte[] {1}, true, 4, 0, 0, 0, null, null, null, Map.of());

        Message received = Messages.received(new Deliver(1, 1, 1, broken), NONE);

        assertThat(received).isInstanceOf(PolyMQBytesMessage.class);
        assertThat(received.getBody(byte[].class)).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1a", "a-b", "a b", "NULL", "true", "Between", "a.b"})
    void aPropertyNameIsAnIdentifierAndNoWordOfTheSelectors(String name) {
        assertThatThrownBy(() -> new PolyMQMessage().setIntProperty(name, 1)).isInstanceOf(JMSException.class);
    }

    @Test
    void aCorrelationIdIsKeptAsTextOrBytes() throws JMSException {
        PolyMQMessage message = new PolyMQMessage();
        message.setJMSCorrelationIDAsBytes(new byte[] {(byte) 0xff, 1});

        assertThat(travelled(message, PolyMQMessage.class, 1).getJMSCorrelationIDAsBytes())
                .containsExactly(0xff, 1);
    }
}
