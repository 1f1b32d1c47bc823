/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.ReadMessage;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Property;

/**
 * Records of Kafka Connect as messages, and back. The key is the group key, so that records of one key keep their
 * order; a key that is no text is kept as a property as well. A record without a value is a message without a body.
 */
final class MessageMapping {
    /** The bytes of a key that is no text. */
    static final String KEY = "CONNECT_KEY";
    /** What follows the first level of a topic's name. */
    static final String PATH = "TOPIC_PATH";

    private final Converters converters;

    MessageMapping(Converters converters) {
        this.converters = converters;
    }

    // ---- out of a source

    Message toMessage(SourceRecord record) {
        Headers headers = new RecordHeaders();
        byte[] key = converters.key().fromConnectData(record.topic(), headers, record.keySchema(), record.key());
        byte[] value =
                converters.value().fromConnectData(record.topic(), headers, record.valueSchema(), record.value());
        Message.Builder message = Message.to(Names.ofMqtt(record.topic()));
        if (value == null) {
            message.noBody(BodyKind.BYTES);
        } else {
            message.body(isText(value) ? BodyKind.TEXT : BodyKind.BYTES, value);
        }
        if (record.timestamp() != null) {
            message.bornTime(record.timestamp());
        }
        List<Property> properties = new ArrayList<>();
        if (key != null) {
            boolean text = isText(key);
            message.groupKey(text ? new String(key, UTF_8) : Base64.getEncoder().encodeToString(key));
            if (!text) {
                properties.add(Property.of(KEY, (Object) key));
            }
        }
        for (Header header : record.headers()) {
            properties.add(property(record.topic(), header));
        }
        headers.forEach(header -> properties.add(Property.of(header.key(), (Object) header.value())));
        return message.properties(properties).build();
    }

    private Property property(String topic, Header header) {
        Object value = header.value();
        if (value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double
                || value instanceof String
                || value instanceof byte[]) {
            return Property.of(header.key(), value);
        }
        byte[] bytes = converters.header().fromConnectHeader(topic, header.key(), header.schema(), value);
        return Property.of(header.key(), bytes == null ? "" : new String(bytes, UTF_8));
    }

    private static boolean isText(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false; // that is the answer
        }
    }

    // ---- into a sink

    SinkRecord toRecord(ReadMessage read, Partitions partitions) {
        Message message = read.message().toMessage();
        String topic = read.queue().topic();
        ConnectHeaders headers = new ConnectHeaders();
        Headers raw = new RecordHeaders();
        for (Property property : message.properties()) {
            if (!property.name().equals(KEY)) {
                add(headers, raw, topic, property);
            }
        }
        String path = message.address().path();
        if (path != null) {
            headers.addString(PATH, path);
        }
        SchemaAndValue key = converters.key().toConnectData(topic, raw, key(message));
        SchemaAndValue value = converters.value().toConnectData(topic, raw, body(message));
        long born = message.bornTime();
        return new SinkRecord(
                topic,
                partitions.number(read.queue()),
                key.schema(),
                key.value(),
                value.schema(),
                value.value(),
                read.offset(),
                born == 0 ? read.message().storeTime() : born,
                TimestampType.CREATE_TIME,
                headers);
    }

    private void add(ConnectHeaders headers, Headers raw, String topic, Property property) {
        Object value = property.value();
        if (value instanceof String text) {
            byte[] bytes = text.getBytes(UTF_8);
            raw.add(property.name(), bytes);
            headers.add(property.name(), converters.header().toConnectHeader(topic, property.name(), bytes));
        } else {
            headers.add(property.name(), new SchemaAndValue(schema(property), value));
        }
    }

    private static Schema schema(Property property) {
        return switch (property.type()) {
            case BOOLEAN -> Schema.BOOLEAN_SCHEMA;
            case BYTE -> Schema.INT8_SCHEMA;
            case SHORT -> Schema.INT16_SCHEMA;
            case INT -> Schema.INT32_SCHEMA;
            case LONG -> Schema.INT64_SCHEMA;
            case FLOAT -> Schema.FLOAT32_SCHEMA;
            case DOUBLE -> Schema.FLOAT64_SCHEMA;
            case STRING -> Schema.STRING_SCHEMA;
            case BYTES -> Schema.BYTES_SCHEMA;
        };
    }

    private static byte @Nullable [] key(Message message) {
        for (Property property : message.properties()) {
            if (property.name().equals(KEY) && property.value() instanceof byte[] bytes) {
                return bytes;
            }
        }
        String key = message.groupKey() != null ? message.groupKey() : message.keys();
        return key == null ? null : key.getBytes(UTF_8);
    }

    private static byte @Nullable [] body(Message message) {
        if (!message.hasBody()) {
            return null;
        }
        ByteBuffer body = Bodies.outsideJms(message);
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }
}
