/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

class MessageCodecTest {
    private static final byte[] STORE_HOST = {127, 0, 0, 1, 0, 0, 0x2A, (byte) 0x9F};
    private static final byte[] STORE_HOST_V6 = new byte[20];
    private static final String[] NASTY = {
        "\u0001",
        "\u0002",
        "\u0001KEYS\u0001x\u0002",
        "USER_",
        "KEYS",
        "TAGS",
        "TOPIC_PATH",
        "é",
        "€",
        "\uD83D\uDE00",
        ",",
        ":",
        "=",
        "\n",
        "\u0085",
        " ",
        "",
        "hex:",
        "$queue/",
        "addr:",
        "a"
    };

    static {
        STORE_HOST_V6[15] = 1;
        STORE_HOST_V6[19] = 99;
    }

    private final MessageCodec codec = new MessageCodec("PolyMQ");

    @Test
    void bringsBackEveryPartOfAMessage() {
        Seeded.times(1_500, random -> {
            Message message = message(random);

            ByteBuffer record = codec.encode(message, 7, 3);
            MessageRecord.stamp(record, 42);
            StoredMessage stored = new StoredMessage(record, 1000, 5);

            same(stored.toMessage(), message);
            assertThat(stored.topicId()).isEqualTo(7);
            assertThat(stored.queueId()).isEqualTo(3);
            assertThat(stored.storeTime()).isEqualTo(42);
            assertThat(stored.address()).isEqualTo(message.address());
            assertThat(stored.path()).isEqualTo(message.address().path());
            assertThat(stored.producer()).isEqualTo(message.producer());
            assertThat(stored.qosTwoId()).isEqualTo(message.qosTwoId());
            assertThat(stored.tagHash()).isEqualTo(message.tagHash());
            assertThat(stored.orderHash()).isEqualTo(message.orderHash());
        });
    }

    @Test
    void givesNativeClientsAnImageTheyCanRead() {
        Seeded.times(1_500, random -> {
            Message message = message(random);
            byte[] storeHost = random.nextBoolean() ? STORE_HOST : STORE_HOST_V6;
            ByteBuffer record = codec.encode(message, 7, 3);
            MessageRecord.stamp(record, 42);
            StoredMessage stored = new StoredMessage(record, 1000, 5);
            ByteBuf out = Unpooled.buffer().writeZero(random.nextInt(3));
            out.readerIndex(out.writerIndex());

            int written = stored.copyNativeImage(out, storeHost);

            assertThat(written).isEqualTo(out.readableBytes()).isEqualTo(stored.nativeSize(storeHost));
            Image image = Image.read(out);
            assertThat(image.queueId()).isEqualTo(3);
            assertThat(image.queueOffset()).isEqualTo(5);
            assertThat(image.physicalOffset()).isEqualTo(1000);
            assertThat(image.storeTime()).isEqualTo(42);
            assertThat(image.storeHost()).isEqualTo(storeHost);
            assertThat(image.bornTime()).isEqualTo(message.bornTime());
            assertThat(image.reconsumeTimes()).isEqualTo(message.reconsumeTimes());
            assertThat(image.flag()).isEqualTo(message.nativeFlag());
            assertThat(image.topic()).isEqualTo(Names.toNative(message.address().topic()));
            assertThat(ByteBuffer.wrap(image.body())).isEqualTo(Bodies.outsideJms(message));
            assertThat(image.propertyString()).isEqualTo(stored.propertiesForNative());
            assertThat(image.properties().get("TOPIC_PATH"))
                    .isEqualTo(
                            message.address().path() == null
                                    ? null
                                    : NativePropertiesWriter.escape(
                                            message.address().path()));
        });
    }

    @Test
    void keepsAPropertyFromEndingItselfOrItsNeighbours() {
        Seeded.times(1_500, random -> {
            Message message = message(random);
            Set<String> allowed = new HashSet<>(Set.of(
                    "TOPIC_PATH",
                    "UNIQ_KEY",
                    "KEYS",
                    "TAGS",
                    "CORRELATION_ID",
                    "REPLY_TO_CLIENT",
                    "CLUSTER",
                    "TTL",
                    "EXPIRES_AT",
                    "TIMER_DELIVER_MS",
                    "PRIORITY",
                    "_SYS_MSG_PRIORITY_",
                    "__SHARDINGKEY",
                    "MQTT_RETAIN",
                    "CONTENT_TYPE",
                    "PAYLOAD_FORMAT",
                    "JMSType",
                    "JMS_TYPES"));
            message.properties().forEach(property -> {
                String name = NativePropertiesWriter.escape(property.name());
                allowed.add(NativeNames.isReserved(property.name()) ? "USER_" + name : name);
            });

            Map<String, String> properties = image(message).properties();

            assertThat(allowed).containsAll(properties.keySet());
            assertThat(properties.get("KEYS"))
                    .isEqualTo(message.keys() == null ? null : NativePropertiesWriter.escape(message.keys()));
        });
    }

    @Test
    void namesWhatDoesNotFitNativeProperties() {
        List<Property> properties = new ArrayList<>();
        properties.add(Property.of("small", "1"));
        properties.add(Property.of("big", "x".repeat(40_000)));
        properties.add(Property.of("wide", "€".repeat(11_000)));
        properties.add(Property.of("count", (Object) 5));
        Message message = Message.to(Address.of("t")).properties(properties).build();

        Image image = image(message);

        assertThat(image.properties())
                .containsEntry("small", "1")
                .containsEntry("count", "5")
                .containsEntry("JMS_TYPES", "count:int")
                .containsEntry("PROPERTIES_CUT", "big,wide")
                .doesNotContainKeys("big", "wide");
        assertThat(stored(message).toMessage().properties()).isEqualTo(properties);
    }

    @Test
    void staysWithinTheLimitOfNativePropertiesWhateverComes() {
        Seeded.times(20, random -> {
            List<Property> properties = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                Object value = random.nextBoolean() ? (Object) random.nextInt() : "€".repeat(random.nextInt(200));
                properties.add(Property.of("n\u0001".repeat(random.nextInt(20)) + i, value));
            }
            String path = random.nextBoolean() ? "p".repeat(random.nextInt(65_000)) : null;
            Message message =
                    Message.to(new Address("t", path)).properties(properties).build();

            assertThat(image(message).propertyString().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(32_767);
            same(stored(message).toMessage(), message);
            assertThat(stored(message).path()).isEqualTo(path);
        });
    }

    @Test
    void showsMapsAndStreamsAsJsonOutsideJms() {
        byte[] map =
                TypedItems.write(BodyKind.MAP, List.of(new TypedItems.Item("a", 1), new TypedItems.Item("b", "x")));
        Message message =
                Message.to(Address.of("t")).body(BodyKind.MAP, map).keys("k").build();

        assertThat(new String(image(message).body(), UTF_8)).isEqualTo("{\"a\":1,\"b\":\"x\"}");
        assertThat(image(message).properties()).containsEntry("KEYS", "k");
        assertThat(stored(message).toMessage().body()).isEqualTo(ByteBuffer.wrap(map));
        assertThat(stored(message).toNativeMessage().body())
                .isEqualTo(ByteBuffer.wrap("{\"a\":1,\"b\":\"x\"}".getBytes(UTF_8)));
    }

    @Test
    void makesANativeMessageOfAnyOtherForRetry() {
        Message message = Message.to(new Address("t", "a/b"))
                .origin(Origin.MQTT)
                .id("ID1")
                .tag("red")
                .properties(List.of(Property.of("color", "blue")))
                .text("hello")
                .build();

        Message.Builder again = stored(message).toNativeMessage().toBuilder();
        String properties = NativeProperties.with(requireNonNull(again.nativeProperties), "RETRY_TOPIC", "t");
        Message retry = again.address(Address.of("%RETRY%g"))
                .nativeProperties(properties)
                .reconsumeTimes(1)
                .build();

        Image image = image(retry);
        assertThat(image.topic()).isEqualTo("%RETRY%g");
        assertThat(image.reconsumeTimes()).isEqualTo(1);
        assertThat(image.properties())
                .containsEntry("RETRY_TOPIC", "t")
                .containsEntry("TOPIC_PATH", "a/b")
                .containsEntry("TAGS", "red")
                .containsEntry("color", "blue");
        assertThat(stored(retry).tagHash()).isEqualTo("red".hashCode());
    }

    @Test
    void refusesATopicWhoseNativeFormIsTooLong() {
        Message message = Message.to(Address.of("é".repeat(30))).build();

        assertThatThrownBy(() -> codec.encode(message, 1, 0))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_NAME));
    }

    @Test
    void refusesToReadWhatIsNoMessage() {
        ByteBuffer record = codec.encode(Message.to(Address.of("t")).build(), 1, 0);
        record.put(0, (byte) 9);

        assertThatThrownBy(() -> new StoredMessage(record, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void givesAnIdToAMessageWithoutOne() {
        MessageIds ids = new MessageIds(new byte[4], 1, 1, () -> Instant.EPOCH);
        Message message = Message.to(Address.of("t")).build();

        ByteBuffer record = new MessageCodec("PolyMQ", ids).encode(message, 1, 0);

        assertThat(new StoredMessage(record, 0, 0).toMessage().id()).hasSize(32);
        assertThat(stored(message).toMessage().id()).isNull();
    }

    @Test
    void movesAnUnstoredRecordToAnotherQueue() {
        ByteBuffer record = codec.encode(Message.to(Address.of("t")).build(), 1, 0);

        MessageRecord.setQueue(record, 2, 9);

        StoredMessage stored = new StoredMessage(record, 0, 0);
        assertThat(stored.topicId()).isEqualTo(2);
        ByteBuf out = Unpooled.buffer();
        stored.copyNativeImage(out, STORE_HOST);
        assertThat(Image.read(out).queueId()).isEqualTo(9);
    }

    private StoredMessage stored(Message message) {
        return new StoredMessage(codec.encode(message, 1, 0), 0, 0);
    }

    private Image image(Message message) {
        ByteBuf out = Unpooled.buffer();
        stored(message).copyNativeImage(out, STORE_HOST);
        return Image.read(out);
    }

    private static Message message(SplittableRandom random) {
        Message.Builder message = Message.to(new Address(
                        "t" + random.nextInt(9), maybe(random, Seeded.text(random, "/", "b", "é", "\u0003"))))
                .origin(Origin.of(1 + random.nextInt(3)))
                .id(maybe(random, text(random)))
                .keys(maybe(random, text(random)))
                .tag(maybe(random, text(random)))
                .correlation(random.nextBoolean() ? Seeded.bytes(random, 10) : null)
                .contentType(maybe(random, text(random)))
                .payloadFormat(random.nextInt(3) - 1)
                .expiresAt(random.nextBoolean() ? 0 : random.nextLong(1L << 45))
                .deliverAt(random.nextBoolean() ? 0 : random.nextLong(1L << 45))
                .priority(random.nextInt(10))
                .groupKey(maybe(random, text(random)))
                .qos(random.nextInt(3))
                .retain(random.nextBoolean())
                .bornTime(random.nextLong(1L << 45))
                .jmsType(maybe(random, text(random)))
                .producer(maybe(random, text(random)))
                .reconsumeTimes(random.nextInt(20))
                .nativeFlag(random.nextInt())
                .properties(properties(random));
        if (random.nextBoolean()) {
            Destination.Kind[] kinds = Destination.Kind.values();
            message.replyTo(new Destination(kinds[random.nextInt(kinds.length)], text(random)));
        } else if (random.nextBoolean()) {
            message.replyTo(Destination.nativeClient(text(random)));
        }
        if (random.nextBoolean()) {
            message.qosTwoId(new QosTwoId(text(random), random.nextLong(), 1 + random.nextInt(65_535)));
        }
        message.bornHost(
                switch (random.nextInt(3)) {
                    case 0 -> null;
                    case 1 -> new InetSocketAddress("10.1.2.3", 80);
                    default -> new InetSocketAddress("2001:db8::1", 65_535);
                });
        return switch (random.nextInt(6)) {
            case 0 -> message.noBody(BodyKind.TEXT).build();
            case 1 -> message.noBody(BodyKind.EMPTY).build();
            case 2 -> message.text(text(random)).build();
            case 3 ->
                message.body(
                                BodyKind.STREAM,
                                TypedItems.write(BodyKind.STREAM, List.of(new TypedItems.Item("", text(random)))))
                        .build();
            case 4 -> message.body(BodyKind.OBJECT, Seeded.bytes(random, 50)).build();
            default -> message.body(BodyKind.BYTES, Seeded.bytes(random, 500)).build();
        };
    }

    private static @Nullable String maybe(SplittableRandom random, String text) {
        return random.nextBoolean() ? text : null;
    }

    private static String text(SplittableRandom random) {
        return Seeded.text(random, NASTY);
    }

    private static List<Property> properties(SplittableRandom random) {
        List<Property> properties = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            Object value = switch (random.nextInt(11)) {
                case 0 -> random.nextBoolean();
                case 1 -> (byte) random.nextInt();
                case 2 -> (short) random.nextInt();
                case 3 -> random.nextInt();
                case 4 -> random.nextLong();
                case 5 -> Float.intBitsToFloat(random.nextInt());
                case 6 -> Double.longBitsToDouble(random.nextLong());
                case 7 -> Seeded.bytes(random, 9);
                default -> text(random);
            };
            properties.add(Property.of(text(random), value));
        }
        return properties;
    }

    private static void same(Message actual, Message expected) {
        assertThat(actual.origin()).isEqualTo(expected.origin());
        assertThat(actual.address()).isEqualTo(expected.address());
        assertThat(actual.id()).isEqualTo(expected.id());
        assertThat(actual.keys()).isEqualTo(expected.keys());
        assertThat(actual.tag()).isEqualTo(expected.tag());
        assertThat(actual.correlation()).isEqualTo(expected.correlation());
        assertThat(actual.replyTo()).isEqualTo(expected.replyTo());
        assertThat(actual.bodyKind()).isEqualTo(expected.bodyKind());
        assertThat(actual.hasBody()).isEqualTo(expected.hasBody());
        assertThat(actual.body()).isEqualTo(expected.body());
        assertThat(actual.contentType()).isEqualTo(expected.contentType());
        assertThat(actual.payloadFormat()).isEqualTo(expected.payloadFormat());
        assertThat(actual.expiresAt()).isEqualTo(expected.expiresAt());
        assertThat(actual.deliverAt()).isEqualTo(expected.deliverAt());
        assertThat(actual.priority()).isEqualTo(expected.priority());
        assertThat(actual.groupKey()).isEqualTo(expected.groupKey());
        assertThat(actual.durable()).isEqualTo(expected.durable());
        assertThat(actual.qos()).isEqualTo(expected.qos());
        assertThat(actual.retain()).isEqualTo(expected.retain());
        assertThat(actual.bornTime()).isEqualTo(expected.bornTime());
        assertThat(actual.bornHost()).isEqualTo(expected.bornHost());
        assertThat(actual.jmsType()).isEqualTo(expected.jmsType());
        assertThat(actual.producer()).isEqualTo(expected.producer());
        assertThat(actual.reconsumeTimes()).isEqualTo(expected.reconsumeTimes());
        assertThat(actual.nativeFlag()).isEqualTo(expected.nativeFlag());
        assertThat(actual.qosTwoId()).isEqualTo(expected.qosTwoId());
        assertThat(actual.properties()).isEqualTo(expected.properties());
    }
}
