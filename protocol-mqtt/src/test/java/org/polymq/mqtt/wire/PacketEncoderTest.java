/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketEncoderTest {
    private static final ConnAck.ServerProperties SERVER =
            new ConnAck.ServerProperties(null, 64, 1 << 20, null, 16, null, null, null);

    @Test
    void encodesTheShortAcknowledgements() {
        assertThat(bytes(Ack.of(Ack.Kind.PUBACK, 0x1234), MqttVersion.MQTT_5)).isEqualTo("40021234");
        assertThat(bytes(Ack.of(Ack.Kind.PUBREC, 1), MqttVersion.MQTT_3_1_1)).isEqualTo("50020001");
        assertThat(bytes(Ack.of(Ack.Kind.PUBREL, 1), MqttVersion.MQTT_5)).isEqualTo("62020001");
        assertThat(bytes(Ack.of(Ack.Kind.PUBCOMP, 1), MqttVersion.MQTT_3_1)).isEqualTo("70020001");
        assertThat(bytes(new PingResponse(), MqttVersion.MQTT_3_1)).isEqualTo("d000");
        assertThat(bytes(Disconnect.of(ReasonCode.SESSION_TAKEN_OVER, null), MqttVersion.MQTT_5))
                .isEqualTo("e0018e");
    }

    @Test
    void encodesSubscriptionResultsForEachVersion() {
        SubAck ack = new SubAck(1, List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.NOT_AUTHORIZED), null);

        assertThat(bytes(ack, MqttVersion.MQTT_5)).isEqualTo("90050001000287");
        assertThat(bytes(ack, MqttVersion.MQTT_3_1_1)).isEqualTo("900400010280");
        assertThat(bytes(new UnsubAck(1, List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED), null), MqttVersion.MQTT_5))
                .isEqualTo("b00400010011");
        assertThat(bytes(new UnsubAck(1, List.of(ReasonCode.SUCCESS), null), MqttVersion.MQTT_3_1_1))
                .isEqualTo("b0020001");
    }

    @Test
    void encodesConnectionResultsForEachVersion() {
        assertThat(bytes(new ConnAck(true, ReasonCode.SUCCESS, SERVER, null), MqttVersion.MQTT_3_1_1))
                .isEqualTo("20020100");
        assertThat(bytes(new ConnAck(true, ReasonCode.SUCCESS, SERVER, null), MqttVersion.MQTT_3_1))
                .isEqualTo("20020000");
        assertThat(bytes(ConnAck.refused(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, null), MqttVersion.MQTT_3_1_1))
                .isEqualTo("20020002");
        assertThat(bytes(ConnAck.refused(ReasonCode.MALFORMED_PACKET, null), MqttVersion.MQTT_5))
                .isEqualTo("2003008100");
        assertThat(bytes(new ConnAck(false, ReasonCode.SUCCESS, SERVER, null), MqttVersion.MQTT_5))
                .isEqualTo("200e" + "00000b" + "220010" + "2700100000" + "210040");
    }

    @Test
    void leavesOutAReasonStringThatDoesNotFit() {
        Ack ack = new Ack(Ack.Kind.PUBACK, 1, ReasonCode.QUOTA_EXCEEDED, "too many messages");
        ByteBuf out = Unpooled.buffer();

        assertThat(PacketEncoder.encode(ack, MqttVersion.MQTT_5, 6, out)).isTrue();

        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("4003000197");
        assertThat(PacketEncoder.encode(ack, MqttVersion.MQTT_5, 4, out)).isFalse();
        assertThat(out.readableBytes()).isEqualTo(5);
    }

    @Test
    void encodesAPublishOnceForManySubscribers() {
        EncodedPublish publish = EncodedPublish.of(
                MqttVersion.MQTT_3_1_1, "a/b", 1, false, MessageProperties.NONE, List.of(), payload("hi"));
        ByteBuf out = Unpooled.buffer();

        publish.writeTo(1, false, out);
        publish.writeTo(0x0203, true, out);

        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("32090003612f6200016869" + "3a090003612f6202036869");
        assertThat(publish.size()).isEqualTo(11);
    }

    @Test
    void encodesThePropertiesOfAPublish() {
        MessageProperties properties =
                new MessageProperties(1, 60L, "text/plain", "reply", payload("c"), List.of(new UserProperty("k", "v")));
        EncodedPublish publish =
                EncodedPublish.of(MqttVersion.MQTT_5, "a", 2, true, properties, List.of(300, 1), payload("hi"));
        ByteBuf out = Unpooled.buffer();
        publish.writeTo(9, false, out);

        MqttPublishMessage read = (MqttPublishMessage) netty(out);

        assertThat(read.fixedHeader().qosLevel()).isEqualTo(MqttQoS.EXACTLY_ONCE);
        assertThat(read.fixedHeader().isRetain()).isTrue();
        assertThat(read.variableHeader().topicName()).isEqualTo("a");
        assertThat(read.variableHeader().packetId()).isEqualTo(9);
        assertThat(read.payload().toString(StandardCharsets.UTF_8)).isEqualTo("hi");
        MqttProperties seen = read.variableHeader().properties();
        assertThat(seen.getProperty(0x01).value()).isEqualTo(1);
        assertThat(seen.getProperty(0x02).value()).isEqualTo(60);
        assertThat(seen.getProperty(0x03).value()).isEqualTo("text/plain");
        assertThat(seen.getProperty(0x08).value()).isEqualTo("reply");
        assertThat(seen.getProperties(0x0B)).map(property -> property.value()).containsExactly(300, 1);
        read.release();
    }

    @Test
    void putsATopicAliasInThePlaceOfTheTopic() {
        for (int qos = 0; qos < 3; qos++) {
            for (int size : new int[] {0, 1, 100, 125, 126, 200, 16_000}) {
                List<UserProperty> user = List.of(new UserProperty("k", "v".repeat(size)));
                MessageProperties properties = new MessageProperties(1, null, null, null, null, user);
                EncodedPublish publish = EncodedPublish.of(
                        MqttVersion.MQTT_5, "jobs/é", qos, true, properties, List.of(9), payload("hi"));
                for (boolean known : new boolean[] {false, true}) {
                    ByteBuf out = Unpooled.buffer();
                    publish.writeHead(77, true, 500, known, out);
                    out.writeBytes(publish.payload());
                    assertThat(out.readableBytes()).isLessThanOrEqualTo(publish.sizeWithAlias());

                    MqttPublishMessage read = (MqttPublishMessage) netty(out);

                    assertThat(read.variableHeader().topicName()).isEqualTo(known ? "" : "jobs/é");
                    MqttProperties seen = read.variableHeader().properties();
                    assertThat(seen.getProperty(0x23).value()).isEqualTo(500);
                    assertThat(seen.getProperty(0x01).value()).isEqualTo(1);
                    assertThat(seen.getProperties(0x26)).hasSize(1);
                    assertThat(read.fixedHeader().isDup()).isEqualTo(qos > 0);
                    assertThat(qos == 0 || read.variableHeader().packetId() == 77)
                            .isTrue();
                    assertThat(read.payload().toString(StandardCharsets.UTF_8)).isEqualTo("hi");
                    assertThat(out.isReadable()).isFalse();
                    read.release();
                }
            }
        }
    }

    @Test
    void leavesOutUserPropertiesThatMqttCannotCarry() {
        MessageProperties properties = new MessageProperties(
                null,
                null,
                null,
                null,
                null,
                List.of(
                        new UserProperty("nul", "\0"),
                        new UserProperty("long", "x".repeat(70_000)),
                        new UserProperty("k", "v")));
        EncodedPublish publish =
                EncodedPublish.of(MqttVersion.MQTT_5, "a", 0, false, properties, List.of(), payload(""));
        ByteBuf out = Unpooled.buffer();
        publish.writeTo(0, false, out);

        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("300b0001610726" + "00016b" + "000176");
    }

    @Test
    void isReadByAnotherDecoder() {
        ByteBuf out = Unpooled.buffer();
        PacketEncoder.encode(
                new SubAck(7, List.of(ReasonCode.GRANTED_QOS_1), "because"), MqttVersion.MQTT_5, 1000, out);
        assertThat(((MqttSubAckMessage) netty(out)).payload().reasonCodes()).containsExactly(1);

        out = Unpooled.buffer();
        PacketEncoder.encode(
                new Ack(Ack.Kind.PUBREC, 7, ReasonCode.QUOTA_EXCEEDED, "full"), MqttVersion.MQTT_5, 1000, out);
        MqttPubReplyMessageVariableHeader header =
                (MqttPubReplyMessageVariableHeader) ((MqttMessage) netty(out)).variableHeader();
        assertThat(header.reasonCode()).isEqualTo((byte) 0x97);

        out = Unpooled.buffer();
        ConnAck.ServerProperties all = new ConnAck.ServerProperties(60L, 64, 1 << 20, "auto-1", 16, "reply/", 30, null);
        PacketEncoder.encode(new ConnAck(false, ReasonCode.SUCCESS, all, null), MqttVersion.MQTT_5, 1000, out);
        MqttConnAckMessage connAck = (MqttConnAckMessage) netty(out);
        assertThat(connAck.variableHeader().properties().getProperty(0x12).value())
                .isEqualTo("auto-1");
        assertThat(connAck.variableHeader().properties().getProperty(0x1A).value())
                .isEqualTo("reply/");
        assertThat(connAck.variableHeader().properties().getProperty(0x13).value())
                .isEqualTo(30);
    }

    private static ByteBuffer payload(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String bytes(Packet packet, MqttVersion version) {
        ByteBuf out = Unpooled.buffer();
        assertThat(PacketEncoder.encode(packet, version, Integer.MAX_VALUE, out))
                .isTrue();
        return ByteBufUtil.hexDump(out);
    }

    /** What Netty's decoder makes of the bytes, told by a CONNECT that the connection speaks 5.0. */
    private static Object netty(ByteBuf bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new MqttDecoder(1 << 20));
        EmbeddedChannel client = new EmbeddedChannel(io.netty.handler.codec.mqtt.MqttEncoder.INSTANCE);
        client.writeOutbound(MqttMessageBuilders.connect()
                .protocolVersion(io.netty.handler.codec.mqtt.MqttVersion.MQTT_5)
                .clientId("c")
                .build());
        ByteBuf connect = client.readOutbound();
        channel.writeInbound(connect);
        channel.readInbound();
        channel.writeInbound(bytes);
        MqttMessage message = channel.readInbound();
        assertThat(message.decoderResult().isSuccess()).isTrue();
        return message;
    }
}
