/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The table of docs/mapping.md, row by row: what one protocol publishes, as the two others see it. */
class MappingTest {
    private final MessageCodec codec = new MessageCodec("PolyMQ");

    // What a native client publishes, through the record and back.
    private Message nativeMessage(String topic, String body, String... properties) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < properties.length; i += 2) {
            text.append(properties[i])
                    .append('\u0001')
                    .append(properties[i + 1])
                    .append('\u0002');
        }
        Message message = Message.to(Names.ofNative(topic, NativeProperties.get(text.toString(), "TOPIC_PATH")))
                .nativeProperties(text.toString())
                .body(BodyKind.BYTES, body.getBytes(UTF_8))
                .bornTime(1234)
                .build();
        return stored(message);
    }

    private Message stored(Message message) {
        return new StoredMessage(codec.encode(message, 1, 0), 0, 0).toMessage();
    }

    private Map<String, String> nativeView(Message message) {
        var out = Unpooled.buffer();
        new StoredMessage(codec.encode(message, 1, 0), 0, 0).copyNativeImage(out, new byte[8]);
        return Image.read(out).properties();
    }

    private static Map<String, Object> jmsView(Message message) {
        Map<String, Object> view = new HashMap<>();
        JmsProperties.of(message)
                .forEach(property ->
                        assertThat(view.put(property.name(), property.value())).isNull());
        return view;
    }

    private static List<String> mqttView(Message message) {
        List<String> view = new ArrayList<>();
        MqttProperties.forEach(message, (name, value) -> view.add(name + "=" + value));
        return view;
    }

    private static String value(Map<String, String> view, String name) {
        return Objects.requireNonNull(view.get(name));
    }

    private static Message.Builder jms(Property... properties) {
        Message.Builder message = Message.to(Names.ofJms("a.b"));
        JmsProperties.read(List.of(properties), message);
        return message;
    }

    private static Message.Builder mqtt(String... properties) {
        List<Property> list = new ArrayList<>();
        for (int i = 0; i < properties.length; i += 2) {
            list.add(Property.of(properties[i], properties[i + 1]));
        }
        Message.Builder message = Message.to(Names.ofMqtt("a/b"));
        MqttProperties.read(list, message);
        return message;
    }

    @Nested
    class TopicAndPath {
        @Test
        void areOneName() {
            Message message = nativeMessage("a", "", "TOPIC_PATH", "b/c.d");

            assertThat(message.address().name()).isEqualTo("a/b/c.d");
            assertThat(Names.toJms(message.address())).isEqualTo("a.b.c%2Ed");
            assertThat(nativeView(jms().build())).containsEntry("TOPIC_PATH", "b");
            assertThat(nativeView(Message.to(Names.ofMqtt("a/")).build())).containsEntry("TOPIC_PATH", "");
            assertThat(nativeView(Message.to(Names.ofMqtt("a")).build())).doesNotContainKey("TOPIC_PATH");
        }

        @Test
        void ofAnotherProtocolsPropertyDoNotMoveAMessage() {
            Map<String, String> view = nativeView(mqtt("TOPIC_PATH", "secret").build());

            assertThat(view).containsEntry("TOPIC_PATH", "b").containsEntry("USER_TOPIC_PATH", "secret");
        }
    }

    @Nested
    class KeysAndTag {
        @Test
        void ofNativeArePropertiesInJmsAndMqtt() {
            Message message = nativeMessage("a", "", "KEYS", "k1 k2", "TAGS", "red", "color", "blue");

            assertThat(jmsView(message))
                    .containsOnly(Map.entry("KEYS", "k1 k2"), Map.entry("TAGS", "red"), Map.entry("color", "blue"));
            assertThat(mqttView(message)).containsExactly("KEYS=k1 k2", "TAGS=red", "color=blue");
        }

        @Test
        void ofJmsAndMqttPropertiesAreThoseOfNative() {
            for (Message message : List.of(
                    jms(Property.of("KEYS", "k"), Property.of("TAGS", "red")).build(),
                    mqtt("KEYS", "k", "TAGS", "red").build())) {
                assertThat(nativeView(message))
                        .containsEntry("KEYS", "k")
                        .containsEntry("TAGS", "red")
                        .doesNotContainKeys("USER_KEYS", "USER_TAGS");
                assertThat(stored(message).tagHash()).isEqualTo("red".hashCode());
                assertThat(jmsView(stored(message))).containsEntry("KEYS", "k").containsEntry("TAGS", "red");
            }
        }

        @Test
        void keepTheirPlaceAmongUserProperties() {
            Message message = stored(mqtt("z", "1", "TAGS", "red", "z", "2", "TAGS", "blue", "", "empty")
                    .build());

            assertThat(mqttView(message)).containsExactly("z=1", "TAGS=red", "z=2", "TAGS=blue", "=empty");
            assertThat(message.tag()).isEqualTo("red");
        }
    }

    @Nested
    class Headers {
        @Test
        void ofNativeHaveTheirMeaningElsewhere() {
            Message message = nativeMessage(
                    "a",
                    "",
                    "UNIQ_KEY",
                    "ID1",
                    "CORRELATION_ID",
                    "c-1",
                    "EXPIRES_AT",
                    "5000",
                    "PRIORITY",
                    "9",
                    "__SHARDINGKEY",
                    "g",
                    "MQTT_RETAIN",
                    "1",
                    "JMSType",
                    "order",
                    "CONTENT_TYPE",
                    "text/plain",
                    "PAYLOAD_FORMAT",
                    "1",
                    "TIMER_DELIVER_MS",
                    "6000");

            assertThat(message.id()).isEqualTo("ID1");
            assertThat(message.correlation()).isEqualTo("c-1".getBytes(UTF_8));
            assertThat(message.expiresAt()).isEqualTo(5000);
            assertThat(message.deliverAt()).isEqualTo(6000);
            assertThat(message.priority()).isEqualTo(9);
            assertThat(message.groupKey()).isEqualTo("g");
            assertThat(message.retain()).isTrue();
            assertThat(message.jmsType()).isEqualTo("order");
            assertThat(message.contentType()).isEqualTo("text/plain");
            assertThat(message.payloadFormat()).isEqualTo(1);
            assertThat(message.bornTime()).isEqualTo(1234);
            assertThat(message.durable()).isTrue();
            assertThat(jmsView(message))
                    .containsOnly(
                            Map.entry("JMSXGroupID", "g"),
                            Map.entry("JMS_PolyMQ_Retain", true),
                            Map.entry("JMS_PolyMQ_ContentType", "text/plain"));
            assertThat(mqttView(message)).containsExactly("JMSType=order");
        }

        @Test
        void ofJmsReachNativeClients() {
            Message message = jms(
                            Property.of("JMSXGroupID", "g"),
                            Property.of("JMS_PolyMQ_Retain", (Object) true),
                            Property.of("JMS_PolyMQ_ContentType", "text/csv"))
                    .id("ID1")
                    .correlation(new byte[] {(byte) 0xFF})
                    .jmsType("order")
                    .priority(7)
                    .expiresAt(5000)
                    .deliverAt(6000)
                    .build();

            assertThat(nativeView(message))
                    .containsOnly(
                            Map.entry("TOPIC_PATH", "b"),
                            Map.entry("UNIQ_KEY", "ID1"),
                            Map.entry("CORRELATION_ID", "hex:FF"),
                            Map.entry("JMSType", "order"),
                            Map.entry("PRIORITY", "7"),
                            Map.entry("_SYS_MSG_PRIORITY_", "7"),
                            Map.entry("EXPIRES_AT", "5000"),
                            Map.entry("TIMER_DELIVER_MS", "6000"),
                            Map.entry("__SHARDINGKEY", "g"),
                            Map.entry("MQTT_RETAIN", "1"),
                            Map.entry("CONTENT_TYPE", "text/csv"));
        }

        @Test
        void thatMakeNoSenseStayTheApplicationsProperties() {
            Message message = nativeMessage("a", "", "PRIORITY", "high", "MQTT_RETAIN", "yes", "EXPIRES_AT", "soon");

            assertThat(message.priority()).isEqualTo(4);
            assertThat(message.retain()).isFalse();
            assertThat(message.expiresAt()).isZero();
            assertThat(mqttView(message)).containsExactly("PRIORITY=high", "MQTT_RETAIN=yes", "EXPIRES_AT=soon");
        }

        @Test
        void ofRocketMqsOwnStayInside() {
            Message message = nativeMessage(
                    "a",
                    "",
                    "WAIT",
                    "true",
                    "CLUSTER",
                    "c",
                    "MSG_REGION",
                    "r",
                    "TRACE_ON",
                    "true",
                    "BUYER_ID",
                    "b",
                    "own",
                    "1");

            assertThat(mqttView(message)).containsExactly("own=1");
            assertThat(jmsView(message)).containsOnly(Map.entry("own", "1"));
        }

        @Test
        void ofJmsCannotBeForgedByOthers() {
            Message message = stored(mqtt("JMSReplyTo", "x", "JMSXDeliveryCount", "9", "JMS_PolyMQ_Retain", "true")
                    .build());

            assertThat(jmsView(message).keySet())
                    .containsOnly("_x004A_MSReplyTo", "_x004A_MSXDeliveryCount", "_x004A_MS_PolyMQ_Retain");
            assertThat(message.retain()).isFalse();
        }

        @Test
        void ofRocketMqCannotBeForgedByOthers() {
            Map<String, String> view = nativeView(
                    mqtt("DELAY", "5", "TRAN_MSG", "true", "POP_CK", "x", "UNIQ_KEY", "y", "__RMQ.TRANSIENT.X", "z")
                            .build());

            assertThat(view)
                    .containsEntry("USER_DELAY", "5")
                    .containsEntry("USER_TRAN_MSG", "true")
                    .containsEntry("USER_POP_CK", "x")
                    .containsEntry("USER_UNIQ_KEY", "y")
                    .containsEntry("USER___RMQ.TRANSIENT.X", "z")
                    .doesNotContainKeys("DELAY", "TRAN_MSG", "POP_CK", "UNIQ_KEY");
        }
    }

    @Nested
    class ReplyTo {
        @Test
        void ofMqttOrJmsIsAnAddressForNative() {
            Message topic = mqtt().replyTo(Destination.ofMqttName("answers/1")).build();
            Message queue =
                    jms().replyTo(Destination.queue("answers")).expiresAt(0).build();

            assertThat(nativeView(topic))
                    .containsEntry("REPLY_TO_CLIENT", "addr:answers/1")
                    .containsEntry("CLUSTER", "PolyMQ")
                    .doesNotContainKey("TTL");
            assertThat(nativeView(queue)).containsEntry("REPLY_TO_CLIENT", "addr:$queue/answers");
            Message brief = jms().replyTo(Destination.queue("answers"))
                    .bornTime(1_000)
                    .expiresAt(6_000)
                    .build();
            assertThat(nativeView(brief)).containsEntry("TTL", "5000");
            assertThat(stored(queue).replyTo()).isEqualTo(Destination.queue("answers"));
        }

        @Test
        void ofNativeIsAQueueForOthers() {
            Message message = nativeMessage("a", "", "REPLY_TO_CLIENT", "10.0.0.1@1", "CLUSTER", "c", "TTL", "3000");

            Destination replyTo = Objects.requireNonNull(message.replyTo());
            assertThat(replyTo).isEqualTo(Destination.queue("$reply/10.0.0.1@1"));
            assertThat(replyTo.mqttName()).isEqualTo("$queue/$reply/10.0.0.1@1");
            assertThat(replyTo.nativeClientId()).isEqualTo("10.0.0.1@1");
            Destination usual = Destination.nativeClient("10.0.0.1@17#20/+%");
            assertThat(usual.mqttName()).isEqualTo("$queue/$reply/10.0.0.1@17%2320%2F%2B%25");
            assertThat(usual.nativeClientId()).isEqualTo("10.0.0.1@17#20/+%");
            assertThat(Destination.ofMqttName(replyTo.mqttName())).isEqualTo(replyTo);
        }

        @Test
        void copiedByANativeResponderLeadsBack() {
            Message request = mqtt().replyTo(Destination.temporaryQueue("q1"))
                    .correlation(new byte[] {0, 1})
                    .build();

            Map<String, String> seen = nativeView(request);
            Message reply = nativeMessage(
                    "a",
                    "",
                    "REPLY_TO_CLIENT",
                    value(seen, "REPLY_TO_CLIENT"),
                    "CORRELATION_ID",
                    value(seen, "CORRELATION_ID"));

            assertThat(reply.replyTo()).isEqualTo(request.replyTo());
            assertThat(reply.correlation()).isEqualTo(request.correlation());
        }
    }

    @Nested
    class Types {
        @Test
        void ofJmsPropertiesAreNamedToNativeAndReadFromIt() {
            Message message = jms(
                            Property.of("count", (Object) 5),
                            Property.of("ratio", (Object) 0.5),
                            Property.of("good", (Object) true),
                            Property.of("text", "5"))
                    .build();

            Map<String, String> view = nativeView(message);
            assertThat(view)
                    .containsEntry("count", "5")
                    .containsEntry("ratio", "0.5")
                    .containsEntry("good", "true")
                    .containsEntry("JMS_TYPES", "count:int,ratio:double,good:boolean");
            assertThat(mqttView(stored(message))).containsExactly("count=5", "ratio=0.5", "good=true", "text=5");
            Message again = nativeMessage("a", "", "count", "5", "text", "5", "JMS_TYPES", value(view, "JMS_TYPES"));
            assertThat(jmsView(again)).containsEntry("count", 5).containsEntry("text", "5");
        }

        @Test
        void thatDoNotFitTheirValuesAreStrings() {
            Message message =
                    nativeMessage("a", "", "n", "five", "b", "TRUE", "JMS_TYPES", "n:int,b:boolean,x:int,:,,y");

            assertThat(jmsView(message)).containsOnly(Map.entry("n", "five"), Map.entry("b", "TRUE"));
        }

        @Test
        void ofNamesThatJmsForbidsAreEscaped() {
            Message message =
                    stored(mqtt("content-type", "x", "dup", "1", "dup", "2").build());

            assertThat(jmsView(message)).containsOnly(Map.entry("content_x002D_type", "x"), Map.entry("dup", "1"));
            Message forwarded = jms(Property.of("content_x002D_type", "x")).build();
            assertThat(mqttView(stored(forwarded))).containsExactly("content-type=x");
            assertThat(jmsView(stored(forwarded))).containsKey("content_x002D_type");
        }
    }

    @Nested
    class Body {
        @Test
        void ofNativeAndMqttIsTextWhereItSaysSo() {
            assertThat(Bodies.forJms(nativeMessage("a", "x"))).isEqualTo(BodyKind.BYTES);
            assertThat(Bodies.forJms(nativeMessage("a", "x", "CONTENT_TYPE", "text/plain; charset=UTF-8")))
                    .isEqualTo(BodyKind.TEXT);
            assertThat(Bodies.forJms(nativeMessage("a", "x", "CONTENT_TYPE", "text/plain; charset=UTF-16")))
                    .isEqualTo(BodyKind.BYTES);
            assertThat(Bodies.forJms(bytes(1, null, 'a'))).isEqualTo(BodyKind.TEXT);
            assertThat(Bodies.forJms(bytes(0, "text/plain", 'a'))).isEqualTo(BodyKind.BYTES);
            assertThat(Bodies.forJms(bytes(1, null, 0xFF))).isEqualTo(BodyKind.BYTES);
            assertThat(Bodies.forJms(bytes(Message.NO_PAYLOAD_FORMAT, "application/json", '1')))
                    .isEqualTo(BodyKind.BYTES);
        }

        private Message bytes(int payloadFormat, @Nullable String contentType, int b) {
            return stored(mqtt().payloadFormat(payloadFormat)
                    .contentType(contentType)
                    .body(BodyKind.BYTES, new byte[] {(byte) b})
                    .build());
        }

        @Test
        void ofJmsTellsMqttWhatItIs() {
            Message text = stored(jms().text("é").build());
            Message map = stored(jms().body(BodyKind.MAP, new byte[4]).build());
            Message object = stored(jms().body(BodyKind.OBJECT, new byte[] {1}).build());

            assertThat(Bodies.payloadFormat(text)).isEqualTo(1);
            assertThat(Bodies.contentType(text)).isNull();
            assertThat(Bodies.payloadFormat(map)).isEqualTo(1);
            assertThat(Bodies.contentType(map)).isEqualTo("application/json");
            assertThat(UTF_8.decode(Bodies.outsideJms(map)).toString()).isEqualTo("{}");
            assertThat(Bodies.payloadFormat(object)).isEqualTo(Message.NO_PAYLOAD_FORMAT);
            assertThat(Bodies.outsideJms(object).remaining()).isEqualTo(1);
        }

        @Test
        void canBeMissing() {
            Message none = stored(jms().noBody(BodyKind.TEXT).build());
            Message empty = stored(jms().text("").build());

            assertThat(none.hasBody()).isFalse();
            assertThat(none.bodyKind()).isEqualTo(BodyKind.TEXT);
            assertThat(empty.hasBody()).isTrue();
            assertThat(Bodies.outsideJms(none).remaining()).isZero();
        }
    }

    @Nested
    class Durability {
        @Test
        void isQualityOfService() {
            assertThat(stored(mqtt().qos(0).build()).durable()).isFalse();
            assertThat(stored(mqtt().qos(1).build()).qos()).isEqualTo(1);
            assertThat(stored(jms().durable(false).build()).qos()).isZero();
            assertThat(stored(jms().durable(true).build()).qos()).isEqualTo(2);
            assertThat(nativeMessage("a", "").qos()).isEqualTo(2);
        }
    }
}
