/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.polymq.mqtt.wire.Subscription.RetainHandling;

/** What a gateway writes is read by a group's leader as it was meant. */
class ClientEncoderTest {
    private static final MessageProperties PROPERTIES = new MessageProperties(
            1,
            30L,
            "text/plain",
            "answers",
            bytes("c"),
            List.of(new UserProperty("a", "1"), new UserProperty("a", "2")));

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static Connect connect(MqttVersion version) {
        boolean v5 = version.isV5();
        Will will = new Will("gone", bytes("x"), 2, true, v5 ? 7 : 0, v5 ? PROPERTIES : MessageProperties.NONE);
        return new Connect(
                version,
                "id",
                true,
                60,
                will,
                "user",
                bytes("secret"),
                v5 ? Long.valueOf(0xFFFFFFFFL) : null,
                v5 ? 5 : 65_535,
                v5 ? 1_000 : Integer.MAX_VALUE,
                v5 ? 3 : 0,
                v5,
                !v5,
                v5 ? "SCRAM-SHA-256" : null,
                v5 ? bytes("first") : null,
                v5 ? List.of(new UserProperty("p", "q")) : List.of(),
                false);
    }

    private static ByteBuf encoded(Connect connect) {
        ByteBuf out = Unpooled.buffer();
        ClientEncoder.connect(connect, out);
        return out;
    }

    @ParameterizedTest
    @EnumSource
    void connectIsReadAsItWas(MqttVersion version) {
        Connect connect = connect(version);
        assertThat(new PacketDecoder(DecoderLimits.DEFAULT).decode(encoded(connect)))
                .isEqualTo(connect);
    }

    @ParameterizedTest
    @EnumSource
    void onlyGatewaysSayThatTheyHaveChosenTheClientId(MqttVersion version) {
        Connect assigned = connect(version).fromGateway(true).withAssignedId("auto-1");
        ByteBuf bytes = encoded(assigned);

        assertThat(PacketDecoder.ofGateway(DecoderLimits.DEFAULT).decode(bytes.duplicate()))
                .isEqualTo(assigned);
        if (version == MqttVersion.MQTT_3_1) { // where the bit means nothing
            assertThat(new PacketDecoder(DecoderLimits.DEFAULT).decode(bytes))
                    .isInstanceOfSatisfying(
                            Connect.class, each -> assertThat(each.assigned()).isFalse());
        } else {
            assertThatThrownBy(() -> new PacketDecoder(DecoderLimits.DEFAULT).decode(bytes))
                    .isInstanceOf(PacketException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void subscriptionsAreReadAsTheyWere(MqttVersion version) {
        boolean v5 = version.isV5();
        Subscribe subscribe = new Subscribe(
                9,
                v5 ? 77 : 0,
                List.of(
                        new Subscription("a/+", 2, v5, v5, v5 ? RetainHandling.DO_NOT_SEND : RetainHandling.SEND),
                        new Subscription("b/#", 0, false, false, RetainHandling.SEND)));
        ByteBuf out = Unpooled.buffer();
        ClientEncoder.subscribe(subscribe, version, out);
        ClientEncoder.unsubscribe(10, List.of("a/+", "b/#"), version, out);

        PacketDecoder decoder = new PacketDecoder(DecoderLimits.DEFAULT, version);
        assertThat(decoder.decode(out)).isEqualTo(subscribe);
        assertThat(decoder.decode(out)).isEqualTo(new Unsubscribe(10, List.of("a/+", "b/#")));
    }

    @Test
    void whatAGroupTellsAGatewayIsReadAsItWas() {
        Subscribe one = new Subscribe(0, 5, List.of(new Subscription("a", 1, true, false, RetainHandling.DO_NOT_SEND)));
        for (Packet packet : List.of(new Admitted(true, "ann"), new Kept(List.of(one)), new Kept(List.of()))) {
            ByteBuf out = Unpooled.buffer();
            PacketEncoder.encode(packet, MqttVersion.MQTT_5, Integer.MAX_VALUE, out);
            assertThat(ServerPackets.ofGateways(out)).isEqualTo(packet);
        }
    }
}
