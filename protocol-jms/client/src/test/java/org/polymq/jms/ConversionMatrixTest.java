/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.StreamMessage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Jakarta Messaging 3.1, 3.5.4, 3.11.3: which value may be read as what. */
class ConversionMatrixTest {
    private static final Map<String, Object> WRITTEN = Map.ofEntries(
            Map.entry("boolean", true),
            Map.entry("byte", (byte) 1),
            Map.entry("short", (short) 1),
            Map.entry("char", '1'),
            Map.entry("int", 1),
            Map.entry("long", 1L),
            Map.entry("float", 1f),
            Map.entry("double", 1d),
            Map.entry("String", "1"),
            Map.entry("byte[]", new byte[] {1}));

    private static final Map<String, Set<String>> READABLE_AS = Map.of(
            "boolean", Set.of("boolean", "String"),
            "byte", Set.of("byte", "short", "int", "long", "String"),
            "short", Set.of("short", "int", "long", "String"),
            "char", Set.of("char", "String"),
            "int", Set.of("int", "long", "String"),
            "long", Set.of("long", "String"),
            "float", Set.of("float", "double", "String"),
            "double", Set.of("double", "String"),
            "String", Set.of("boolean", "byte", "short", "int", "long", "float", "double", "String"),
            "byte[]", Set.of("byte[]"));

    interface Read<M> {
        Object from(M message) throws JMSException;
    }

    private static final Map<String, Read<Message>> PROPERTY = Map.of(
            "boolean", m -> m.getBooleanProperty("x"),
            "byte", m -> m.getByteProperty("x"),
            "short", m -> m.getShortProperty("x"),
            "int", m -> m.getIntProperty("x"),
            "long", m -> m.getLongProperty("x"),
            "float", m -> m.getFloatProperty("x"),
            "double", m -> m.getDoubleProperty("x"),
            "String", m -> m.getStringProperty("x"));

    private static final Map<String, Read<MapMessage>> ITEM = Map.of(
            "boolean", m -> m.getBoolean("x"),
            "byte", m -> m.getByte("x"),
            "short", m -> m.getShort("x"),
            "char", m -> m.getChar("x"),
            "int", m -> m.getInt("x"),
            "long", m -> m.getLong("x"),
            "float", m -> m.getFloat("x"),
            "double", m -> m.getDouble("x"),
            "String", m -> m.getString("x"),
            "byte[]", m -> m.getBytes("x"));

    private static final Map<String, Read<StreamMessage>> NEXT = Map.of(
            "boolean", StreamMessage::readBoolean,
            "byte", StreamMessage::readByte,
            "short", StreamMessage::readShort,
            "char", StreamMessage::readChar,
            "int", StreamMessage::readInt,
            "long", StreamMessage::readLong,
            "float", StreamMessage::readFloat,
            "double", StreamMessage::readDouble,
            "String", StreamMessage::readString,
            "byte[]", m -> m.readBytes(new byte[2]));

    static Stream<Arguments> cases() {
        return WRITTEN.keySet().stream()
                .flatMap(written -> NEXT.keySet().stream().map(read -> arguments(written, read)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPropertyIsReadAsTheTableSays(String written, String read) throws JMSException {
        Read<Message> reader = PROPERTY.get(read);
        if (reader == null || !Conversions.isAllowed(WRITTEN.get(written), false)) {
            return; // char and byte[] are no property types
        }
        Message message = new PolyMQMessage();
        message.setObjectProperty("x", WRITTEN.get(written));

        check(written, read, reader, message);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aMapItemIsReadAsTheTableSays(String written, String read) throws JMSException {
        MapMessage message = new PolyMQMapMessage();
        message.setObject("x", WRITTEN.get(written));

        check(written, read, requireNonNull(ITEM.get(read)), message);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aStreamItemIsReadAsTheTableSays(String written, String read) throws JMSException {
        StreamMessage message = new PolyMQStreamMessage();
        message.writeObject(WRITTEN.get(written));
        message.reset();

        check(written, read, requireNonNull(NEXT.get(read)), message);
    }

    private static <M> void check(String written, String read, Read<M> reader, M message) throws JMSException {
        if (requireNonNull(READABLE_AS.get(written)).contains(read)) {
            assertThat(reader.from(message)).isNotNull();
        } else {
            assertThatThrownBy(() -> reader.from(message)).isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void aStringThatIsNoNumberIsToldAsSuch() throws JMSException {
        Message message = new PolyMQMessage();
        message.setStringProperty("x", "seven");

        for (String read : List.of("byte", "short", "int", "long", "float", "double")) {
            assertThatThrownBy(() -> requireNonNull(PROPERTY.get(read)).from(message))
                    .isInstanceOf(NumberFormatException.class);
        }
        assertThat(message.getBooleanProperty("x")).isFalse();
    }

    @Test
    void aMissingPropertyReadsAsNull() throws JMSException {
        Message message = new PolyMQMessage();

        assertThat(message.getBooleanProperty("x")).isFalse();
        assertThat(message.getStringProperty("x")).isNull();
        assertThat(message.getObjectProperty("x")).isNull();
        assertThatThrownBy(() -> message.getIntProperty("x")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> message.getDoubleProperty("x")).isInstanceOf(NullPointerException.class);
    }
}
