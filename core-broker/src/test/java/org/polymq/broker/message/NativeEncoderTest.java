/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

class NativeEncoderTest {
    private static final byte[] BORN_HOST = NativeEncoder.host(new InetSocketAddress("10.1.2.3", 4567));
    private static final byte[] STORE_HOST = NativeEncoder.host(new InetSocketAddress("10.0.0.9", 10911));

    private final MessageIds ids =
            new MessageIds(new byte[] {127, 0, 0, 1}, 77, 5, () -> Instant.parse("2026-11-22T10:00:00Z"));
    private final NativeEncoder encoder = new NativeEncoder("PolyMQ", ids);

    @Test
    void makesAnImageOfTheRequestsParts() {
        encoder.scan().scan("TAGS\u0001red\u0002KEYS\u0001k1 k2\u0002UNIQ_KEY\u0001ID1\u0002CLUSTER\u0001c\u0002");

        StoredMessage stored = encode("body".getBytes(UTF_8), 0x100, BORN_HOST);

        Image image = image(stored);
        assertThat(image.body()).isEqualTo("body".getBytes(UTF_8));
        assertThat(image.topic()).isEqualTo("T");
        assertThat(image.queueId()).isEqualTo(3);
        assertThat(image.flag()).isEqualTo(17);
        assertThat(image.sysFlag()).isEqualTo(0x100);
        assertThat(image.bornTime()).isEqualTo(99);
        assertThat(image.bornHost()).isEqualTo(BORN_HOST);
        assertThat(image.storeHost()).isEqualTo(STORE_HOST);
        assertThat(image.reconsumeTimes()).isEqualTo(2);
        assertThat(image.propertyString())
                .isEqualTo("TAGS\u0001red\u0002KEYS\u0001k1 k2\u0002UNIQ_KEY\u0001ID1\u0002CLUSTER\u0001c\u0002");
        assertThat(stored.tagHash()).isEqualTo("red".hashCode());
        assertThat(stored.topicId()).isEqualTo(7);
        assertThat(stored.record().limit()).isEqualTo(64 + stored.nativeSize(STORE_HOST));
    }

    @Test
    void completesWhatIsMissing() {
        for (String properties : new String[] {null, "", "a\u0001b", "a\u0001b\u0002"}) {
            encoder.scan().scan(properties);

            Map<String, String> seen = image(encode(new byte[0], 0, BORN_HOST)).properties();

            assertThat(seen).containsEntry("CLUSTER", "PolyMQ").containsKey("UNIQ_KEY");
            assertThat(seen.get("UNIQ_KEY")).hasSize(32).startsWith("7F000001004D00000005");
            assertThat(seen).hasSize(properties == null || properties.isEmpty() ? 2 : 3);
        }
    }

    @Test
    void dropsReceiptsOfEarlierDeliveries() {
        for (String properties : new String[] {
            "POP_CK\u0001x\u0002a\u0001b\u0002",
            "a\u0001b\u0002POP_CK\u0001x",
            "POP_CK\u0001x\u0002POP_CK\u0001y\u0002a\u0001b"
        }) {
            encoder.scan().scan(properties);

            Map<String, String> seen = image(encode(new byte[0], 0, BORN_HOST)).properties();

            assertThat(seen).containsEntry("a", "b").doesNotContainKey("POP_CK").hasSize(3);
        }
    }

    @Test
    void takesAddressesOfBothFamilies() {
        byte[] born = NativeEncoder.host(new InetSocketAddress("2001:db8::1", 1));
        encoder.scan().scan("");
        StoredMessage stored = encode(new byte[] {1, 2, 3}, 0x20, born);
        byte[] host = NativeEncoder.host(new InetSocketAddress("2001:db8::9", 10911));

        ByteBuf out = Unpooled.buffer();
        int size = StoredMessage.copyNativeImage(stored.record(), out, 5, 6, host);

        assertThat(size).isEqualTo(stored.nativeSize(host));
        Image image = Image.read(out);
        assertThat(image.sysFlag()).isEqualTo(0x30);
        assertThat(image.bornHost()).isEqualTo(born);
        assertThat(image.storeHost()).isEqualTo(host);
        assertThat(image.body()).containsExactly(1, 2, 3);
        assertThat(stored.toMessage().bornHost()).isEqualTo(new InetSocketAddress("2001:db8::1", 1));
    }

    @Test
    void readsItsPropertiesAsTheMessageDoes() {
        String[] pieces = {
            "\u0001",
            "\u0002",
            "KEYS\u0001",
            "TAGS\u0001",
            "TOPIC_PATH\u0001",
            "PRIORITY\u00017\u0002",
            "EXPIRES_AT\u000155\u0002",
            "MQTT_RETAIN\u00011\u0002",
            "UNIQ_KEY\u0001",
            "__SHARDINGKEY\u0001",
            "PAYLOAD_FORMAT\u00011\u0002",
            "_SYS_MSG_PRIORITY_\u00013\u0002",
            "TIMER_DELIVER_MS\u00019\u0002",
            "POP_CK\u0001x\u0002",
            "é",
            "x"
        };
        Seeded.times(5_000, random -> {
            String properties = Seeded.text(random, pieces).replace("+", "").replace("#", "");
            ByteBuf frame = Unpooled.copiedBuffer("##" + properties, UTF_8);
            NativeScan scan = random.nextBoolean()
                    ? encoder.scan().scan(properties)
                    : encoder.scan().scan(frame, 2, frame.readableBytes() - 2);
            int priority = scan.priority();
            int tagHash = scan.tagHash();
            String path = scan.path();

            StoredMessage stored = encode(new byte[0], 0, BORN_HOST);
            Message message = stored.toMessage();

            assertThat(priority).isEqualTo(message.priority());
            assertThat(stored.priority()).isEqualTo(priority);
            assertThat(tagHash).isEqualTo(message.tagHash());
            assertThat(path).isEqualTo(message.address().path());
            assertThat(stored.path()).isEqualTo(path);
            assertThat(stored.orderHash()).isEqualTo(message.orderHash());
            assertThat(stored.expiresAt()).isEqualTo(message.expiresAt());
            assertThat(scan.keys()).isEqualTo(message.keys());
            Message.Builder read = Message.to(Address.of("T"));
            NativeProperties.read(stored.propertiesForNative(), read);
            Message byString = read.build();
            assertThat(byString.priority()).isEqualTo(priority);
            assertThat(byString.retain()).isEqualTo(stored.isRetain());
            assertThat(byString.payloadFormat()).isEqualTo(message.payloadFormat());
            assertThat(image(stored).properties()).isEqualTo(clientsMap(stored.propertiesForNative()));
        });
    }

    private static Map<String, String> clientsMap(String properties) {
        return new HashMap<>(NativeProperties.toMap(properties));
    }

    @Test
    void agreesWithTheCodec() {
        String properties =
                "TAGS\u0001réd\u0002TOPIC_PATH\u0001b/c\u0002MQTT_RETAIN\u00011\u0002UNIQ_KEY\u0001I\u0002CLUSTER\u0001c\u0002";
        encoder.scan().scan(properties);
        ByteBuffer direct = encode(new byte[] {1}, 0, BORN_HOST).record();
        Message message = Message.to(new Address("T", "b/c"))
                .nativeProperties(properties)
                .body(BodyKind.BYTES, new byte[] {1})
                .bornTime(99)
                .bornHost(new InetSocketAddress("10.1.2.3", 4567))
                .reconsumeTimes(2)
                .nativeFlag(17)
                .build();

        assertThat(new MessageCodec("x").encode(message, 7, 3)).isEqualTo(direct);
    }

    @Test
    void refusesWhatNobodyMaySend() {
        refused(Reason.INVALID_MESSAGE, "a\u0001" + "x".repeat(32_766));
        refused(Reason.INVALID_NAME, "TOPIC_PATH\u0001a/+\u0002");
        refused(Reason.INVALID_NAME, "TOPIC_PATH\u0001#\u0002");
        refused(Reason.INVALID_NAME, "TOPIC_PATH\u0001a\0\u0002");
        ByteBuf illegal = Unpooled.copiedBuffer("TOPIC_PATH\u0001", UTF_8).writeByte(0xFF);
        assertThatThrownBy(() -> encoder.scan().scan(illegal, 0, illegal.readableBytes()))
                .isInstanceOf(BrokerException.class);

        encoder.scan().scan("a\u0001" + "x".repeat(32_760));
        assertThatThrownBy(() -> encode(new byte[0], 0, BORN_HOST)).isInstanceOf(BrokerException.class);
    }

    @Test
    void refusesAMessageWithoutAnyName() {
        encoder.scan().scan("");
        ByteBuf body = Unpooled.buffer();

        assertThatThrownBy(() -> encoder.encode(7, "%00".getBytes(US_ASCII), 3, 17, 0, 99, BORN_HOST, 2, 0, body, 0, 0))
                .isInstanceOf(BrokerException.class);
    }

    private void refused(Reason reason, String properties) {
        assertThatThrownBy(() -> encoder.scan().scan(properties))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void showsOtherProtocolsWhatAClientCompressed() {
        byte[] plain = "hello ".repeat(1000).getBytes(UTF_8);
        Deflater deflater = new Deflater(5);
        deflater.setInput(plain);
        deflater.finish();
        byte[] buffer = new byte[plain.length];
        int length = deflater.deflate(buffer);
        byte[] packed = Arrays.copyOf(buffer, length);
        deflater.end();
        for (int sysFlag : new int[] {0x1, 0x301}) {
            encoder.scan().scan("");
            StoredMessage stored = encode(packed, sysFlag, BORN_HOST);

            assertThat(stored.toMessage().body()).isEqualTo(ByteBuffer.wrap(plain));
            assertThat(stored.toMessage().nativeSysFlag()).isZero();
            assertThat(image(stored).body()).isEqualTo(packed);
            assertThat(image(stored).sysFlag()).isEqualTo(sysFlag);
        }
    }

    @Test
    void leavesWhatItCannotUncompress() {
        for (int sysFlag : new int[] {0x1, 0x101, 0x201}) {
            encoder.scan().scan("a\u0001b");
            Message message = encode(new byte[] {1, 2, 3}, sysFlag, BORN_HOST).toMessage();

            assertThat(message.body().remaining()).isEqualTo(3);
            assertThat(message.properties().get(1).name()).isEqualTo("NATIVE_COMPRESSION");
        }
    }

    @Test
    void givesEveryMessageAnIdOfItsOwn() {
        assertThat(ids.next()).isNotEqualTo(ids.next()).matches("[0-9A-F]{32}");
    }

    private StoredMessage encode(byte[] body, int sysFlag, byte[] bornHost) {
        ByteBuf frame = Unpooled.buffer().writeZero(3).writeBytes(body).writeZero(2);
        ByteBuffer record =
                encoder.encode(7, "T".getBytes(US_ASCII), 3, 17, sysFlag, 99, bornHost, 2, 0, frame, 3, body.length);
        return new StoredMessage(record, 0, 0);
    }

    private static Image image(StoredMessage stored) {
        ByteBuf out = Unpooled.buffer();
        stored.copyNativeImage(out, STORE_HOST);
        return Image.read(out);
    }
}
