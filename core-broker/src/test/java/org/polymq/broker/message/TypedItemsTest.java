/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.broker.BrokerException;

class TypedItemsTest {
    private static final List<TypedItems.Item> ALL = List.of(
            item("null", null),
            item("flag", true),
            item("byte", (byte) -1),
            item("short", (short) -2),
            item("char", 'é'),
            item("int", 5),
            item("long", 1L << 40),
            item("float", 1.5f),
            item("double", -0.1),
            item("text", "a\"b\\\u0001€"),
            item("bytes", new byte[] {1, 2}));

    @Test
    void readsWhatDataOutputWrites() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(2);
        out.writeInt(1);
        out.writeBytes("a");
        out.writeByte(5);
        out.writeInt(7);
        out.writeInt(1);
        out.writeBytes("b");
        out.writeByte(8);
        out.writeDouble(0.5);

        assertThat(TypedItems.read(BodyKind.MAP, ByteBuffer.wrap(bytes.toByteArray())))
                .containsExactly(item("a", 7), item("b", 0.5));
    }

    @Test
    void bringsBackEveryTypeInAMapAndInAStream() {
        for (BodyKind kind : List.of(BodyKind.MAP, BodyKind.STREAM)) {
            List<TypedItems.Item> back = TypedItems.read(kind, ByteBuffer.wrap(TypedItems.write(kind, ALL)));

            assertThat(back).hasSameSizeAs(ALL);
            for (int i = 0; i < ALL.size(); i++) {
                assertThat(back.get(i).value()).isEqualTo(ALL.get(i).value());
                assertThat(back.get(i).name())
                        .isEqualTo(kind == BodyKind.MAP ? ALL.get(i).name() : "");
            }
        }
    }

    @Test
    void writesJson() {
        assertThat(TypedItems.toJson(BodyKind.MAP, ByteBuffer.wrap(TypedItems.write(BodyKind.MAP, ALL))))
                .isEqualTo("{\"null\":null,\"flag\":true,\"byte\":-1,\"short\":-2,\"char\":\"é\",\"int\":5,"
                        + "\"long\":1099511627776,\"float\":1.5,\"double\":-0.1,\"text\":\"a\\\"b\\\\\\u0001€\","
                        + "\"bytes\":\"AQI=\"}");
        List<TypedItems.Item> odd = List.of(item("", Double.NaN), item("", Float.NEGATIVE_INFINITY));
        assertThat(TypedItems.toJson(BodyKind.STREAM, ByteBuffer.wrap(TypedItems.write(BodyKind.STREAM, odd))))
                .isEqualTo("[\"NaN\",\"-Infinity\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "000000",
                "ffffffff",
                "7fffffff",
                "00000001",
                "00000001 7fffffff 61 00",
                "00000001 00000001 61 0b",
                "00000001 00000001 61 05 0000",
                "00000001 00000001 61 09 00000002 61",
                "00000001 00000001 61 09 00000001 ff",
                "00000001 00000001 61 00 00",
            })
    void refusesAMalformedMap(String hex) {
        ByteBuffer body = ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));

        assertThatThrownBy(() -> TypedItems.check(BodyKind.MAP, body)).isInstanceOf(BrokerException.class);
    }

    @Test
    void readsOrRefusesAnyBytes() {
        Seeded.times(15_000, random -> {
            byte[] bytes = Seeded.bytes(random, 40);
            try {
                TypedItems.read(random.nextBoolean() ? BodyKind.MAP : BodyKind.STREAM, ByteBuffer.wrap(bytes));
            } catch (BrokerException refused) {
                assertThat(refused.reason()).isEqualTo(org.polymq.broker.Reason.INVALID_MESSAGE);
            }
        });
    }

    private static TypedItems.Item item(String name, @Nullable Object value) {
        return new TypedItems.Item(name, value);
    }
}
