/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketDecoderTest {
    private static final String CONNECT_31 = "100f 0006 4d5149736470 03 02 003c 0001 70";
    private static final String CONNECT_311 = "100d 0004 4d515454 04 02 003c 0001 70";
    private static final String CONNECT_5 = "100e 0004 4d515454 05 02 003c 00 0001 70";

    @Test
    void decodesAConnectOf311() {
        Connect connect = (Connect) first(CONNECT_311);

        assertThat(connect.version()).isEqualTo(MqttVersion.MQTT_3_1_1);
        assertThat(connect.clientId()).isEqualTo("p");
        assertThat(connect.cleanStart()).isTrue();
        assertThat(connect.keepAlive()).isEqualTo(60);
        assertThat(connect.will()).isNull();
        assertThat(connect.receiveMaximum()).isEqualTo(65535);
    }

    @Test
    void decodesEveryPartOfAConnectOf5() {
        Connect connect = (Connect) first("1036 0004 4d515454 05 f6 000a"
                + "12 11 00000e10 21 0014 27 00000400 22 0005 17 00"
                + "0002 6331"
                + "05 18 00000003"
                + "0001 77 0002 6869"
                + "0002 7531"
                + "0002 7031");

        assertThat(connect.sessionExpiry()).isEqualTo(3600);
        assertThat(connect.receiveMaximum()).isEqualTo(20);
        assertThat(connect.maximumPacketSize()).isEqualTo(1024);
        assertThat(connect.topicAliasMaximum()).isEqualTo(5);
        assertThat(connect.requestProblemInformation()).isFalse();
        assertThat(connect.will()).isNotNull().satisfies(will -> {
            assertThat(will.topic()).isEqualTo("w");
            assertThat(text(will.payload())).isEqualTo("hi");
            assertThat(will.qos()).isEqualTo(2);
            assertThat(will.retain()).isTrue();
            assertThat(will.delaySeconds()).isEqualTo(3);
        });
        assertThat(connect.userName()).isEqualTo("u1");
        assertThat(connect.password()).isEqualTo(ByteBuffer.wrap("p1".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void decodesAPublishWithItsProperties() {
        Publish publish = (Publish) after(
                CONNECT_5,
                "33 21 0003 612f62 0007 17 01 01 02 0000003c 08 0001 72 09 0002 ff00 26 0001 6b 0001 76 6869");

        assertThat(publish.topic()).isEqualTo("a/b");
        assertThat(publish.qos()).isEqualTo(1);
        assertThat(publish.retain()).isTrue();
        assertThat(publish.packetId()).isEqualTo(7);
        assertThat(publish.properties().payloadFormat()).isEqualTo(1);
        assertThat(publish.properties().expirySeconds()).isEqualTo(60);
        assertThat(publish.properties().responseTopic()).isEqualTo("r");
        assertThat(publish.properties().userProperties()).containsExactly(new UserProperty("k", "v"));
        assertThat(text(publish.payload())).isEqualTo("hi");
    }

    @Test
    void decodesSubscriptionsWithTheirOptions() {
        Subscribe subscribe = (Subscribe) after(CONNECT_5, "8211 0001 02 0b 05 0003 612f23 2e 0003 2b2f62 00");

        assertThat(subscribe.identifier()).isEqualTo(5);
        assertThat(subscribe.subscriptions())
                .containsExactly(
                        new Subscription("a/#", 2, true, true, Subscription.RetainHandling.DO_NOT_SEND),
                        new Subscription("+/b", 0, false, false, Subscription.RetainHandling.SEND));
    }

    @Test
    void waitsForAWholePacketAndReadsNothingBefore() {
        byte[] all = hex(CONNECT_311 + "320a 0005 746f706963 0001 70");
        for (int cut = 0; cut < all.length; cut++) {
            PacketDecoder decoder = new PacketDecoder(DecoderLimits.DEFAULT);
            ByteBuf in = Unpooled.wrappedBuffer(all, 0, cut);
            int packets = 0;
            while (decoder.decode(in) != null) {
                packets++;
            }
            assertThat(packets).isEqualTo(cut < 15 ? 0 : 1);
        }
    }

    @Test
    void neverReadsIntoTheNextPacket() {
        // An UNSUBSCRIBE whose filter claims four bytes, two of which belong to the PINGREQ behind it.
        assertThatThrownBy(() -> after(CONNECT_311, "a206 04d2 0004 6162 c000"))
                .isInstanceOf(PacketException.class)
                .hasMessageContaining("beyond its packet");
    }

    @Test
    void refusesAPacketBeyondTheLimitByItsHeaderAlone() {
        assertThat(reasonOf(CONNECT_5, "30 ffffff7f")).isEqualTo(ReasonCode.PACKET_TOO_LARGE);
        assertThat(reasonOf("", "10 ffff7f")).isEqualTo(ReasonCode.PACKET_TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c000",
                "300e0005746f7069637061796c6f6164",
                "20020000",
                "0000",
                "f000",
                "e000",
                "820604d200017000"
            })
    void refusesAnythingButConnectAsTheFirstPacket(String packet) {
        assertThat(reasonOf("", packet)).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @CsvSource({
        "100d 0004 4d515454 03 02 000a 0001 70, UNSUPPORTED_PROTOCOL_VERSION, MQTT_3_1_1",
        "100d 0004 4d515454 06 02 000a 0001 70, UNSUPPORTED_PROTOCOL_VERSION, MQTT_5",
        "100c 0004 4d515454 04 00 000a 0000, CLIENT_IDENTIFIER_NOT_VALID, MQTT_3_1_1",
        "1012 0004 4d515454 05 02 000a 00 0005 746f700000, CLIENT_IDENTIFIER_NOT_VALID, MQTT_5",
        "1012 0004 4d515454 05 02 000a 00 0005 746feda080, CLIENT_IDENTIFIER_NOT_VALID, MQTT_5",
        "100d 0004 4d515454 04 03 000a 0001 70, MALFORMED_PACKET, MQTT_3_1_1",
        "120d 0004 4d515454 04 02 000a 0001 70, MALFORMED_PACKET, MQTT_3_1_1",
        "1018 0004 4d515454 05 02 000a 0a 11 00000001 11 00000001 0001 70, PROTOCOL_ERROR, MQTT_5",
        "1010 0004 4d515454 05 02 000a 02 1702 0001 70, PROTOCOL_ERROR, MQTT_5",
        "1010 0004 4d515454 05 02 000a 02 0101 0001 70, MALFORMED_PACKET, MQTT_5",
        "1012 0004 4d515454 05 02 000a 04 16 0001 70 0001 70, PROTOCOL_ERROR, MQTT_5",
        "1011 0004 4d515454 05 02 000a 03 21 0000 0001 70, PROTOCOL_ERROR, MQTT_5"
    })
    void refusesABadConnectWithItsReason(String packet, ReasonCode reason, MqttVersion answerAs) {
        PacketDecoder decoder = new PacketDecoder(DecoderLimits.DEFAULT);

        Throwable refused = catchThrowable(() -> decoder.decode(Unpooled.wrappedBuffer(hex(packet))));

        assertThat(((PacketException) refused).reason()).isEqualTo(reason);
        assertThat(decoder.version()).isEqualTo(answerAs);
    }

    @ParameterizedTest
    @CsvSource({
        "c08080808001, MALFORMED_PACKET",
        "c08000, MALFORMED_PACKET",
        "c100, MALFORMED_PACKET",
        "0200, PROTOCOL_ERROR",
        "20020000, PROTOCOL_ERROR",
        "300a 0000 00 7061796c6f6164, PROTOCOL_ERROR",
        "380f 0005 746f706963 00 7061796c6f6164, MALFORMED_PACKET",
        "3611 0005 746f706963 04d2 00 7061796c6f6164, MALFORMED_PACKET",
        "3211 0005 746f706963 0000 00 7061796c6f6164, PROTOCOL_ERROR",
        "300f 0005 2b6f706963 00 7061796c6f6164, MALFORMED_PACKET",
        "300f 0005 746feda080 00 7061796c6f6164, MALFORMED_PACKET",
        "3213 0005 746f706963 04d2 02 0102 7061796c6f6164, PROTOCOL_ERROR",
        "3213 0005 746f706963 04d2 02 0b01 7061796c6f6164, PROTOCOL_ERROR",
        "3212 0005 746f706963 04d2 01 02 7061796c6f6164, MALFORMED_PACKET",
        "320c 0005 746f706963 04d2 09 0102, MALFORMED_PACKET",
        "820704d200 0001 70 30, PROTOCOL_ERROR",
        "820704d200 0001 70 40, MALFORMED_PACKET",
        "820704d200 0001 70 03, PROTOCOL_ERROR",
        "820a04d200 0004 61622f23 23, PROTOCOL_ERROR",
        "820a04d200 0004 61622b23 00, MALFORMED_PACKET",
        "82 0f 0001 00 0009 2473686172652f672f 00, MALFORMED_PACKET",
        "82 12 0001 00 000c 2473686172652f672f612f62 04, PROTOCOL_ERROR",
        "8209 0001 02 0b00 0001 70 00, PROTOCOL_ERROR",
        "820a 0001 03 0b8000 0001 70 00, MALFORMED_PACKET",
        "8203 04d2 00, PROTOCOL_ERROR",
        "a203 04d2 00, PROTOCOL_ERROR",
        "a206 0000 00 0001 70, MALFORMED_PACKET",
        "4003 0001 ff, PROTOCOL_ERROR",
        "5003 0001 92, PROTOCOL_ERROR",
        "4000, MALFORMED_PACKET",
        "400c 0001 00 08 1f 0001 70 1f 0001 71, PROTOCOL_ERROR",
        "e001 01, PROTOCOL_ERROR",
        "f001 02, PROTOCOL_ERROR"
    })
    void refusesABadPacketOf5WithItsReason(String packet, ReasonCode reason) {
        assertThat(reasonOf(CONNECT_5, packet)).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "f000",
                "e00100",
                "40030001 00",
                "820604d2 0001 70 03",
                "820604d2 0001 70 08",
                "c00100",
                "c08080808001"
            })
    void refusesABadPacketOf311(String packet) {
        assertThat(catchThrowable(() -> after(CONNECT_311, packet))).isInstanceOf(PacketException.class);
    }

    @Test
    void letsAClientOf31ResendWithDup() {
        assertThat(after(CONNECT_31, "8a06 04d2 0001 70 00")).isInstanceOf(Subscribe.class);
    }

    @Test
    void keepsControlCharactersOutOfNamesButNotOutOfUserProperties() {
        assertThat(reasonOf(CONNECT_5, "300a 0005 746f701f70 00 6869")).isEqualTo(ReasonCode.MALFORMED_PACKET);

        Publish publish = (Publish) after(CONNECT_5, "300f 0003 746f70 07 26 0001 0a 0001 0d 6869");
        assertThat(publish.properties().userProperties()).containsExactly(new UserProperty("\n", "\r"));
    }

    @Test
    void survivesRandomBytesWithNothingButAPacketException() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 20_000; run++) {
            PacketDecoder decoder = new PacketDecoder(DecoderLimits.DEFAULT);
            decoder.decode(Unpooled.wrappedBuffer(hex(random.nextBoolean() ? CONNECT_5 : CONNECT_311)));
            byte[] bytes = new byte[2 + random.nextInt(40)];
            random.nextBytes(bytes);
            if (random.nextInt(4) > 0) {
                bytes[1] = (byte) (bytes.length - 2);
            }
            Throwable thrown = catchThrowable(() -> decoder.decode(Unpooled.wrappedBuffer(bytes)));
            if (thrown != null) {
                assertThat(thrown).as("seed %d", seed).isInstanceOf(PacketException.class);
            }
        }
    }

    private static ReasonCode reasonOf(String before, String packet) {
        Throwable thrown = catchThrowable(() -> after(before, packet));
        assertThat(thrown).isInstanceOf(PacketException.class);
        return ((PacketException) thrown).reason();
    }

    private static Packet first(String packet) {
        return after("", packet);
    }

    private static Packet after(String before, String packet) {
        PacketDecoder decoder = new PacketDecoder(DecoderLimits.DEFAULT);
        ByteBuf in = Unpooled.wrappedBuffer(hex(before + packet));
        if (!before.isEmpty()) {
            decoder.decode(in);
        }
        return Objects.requireNonNull(decoder.decode(in));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
