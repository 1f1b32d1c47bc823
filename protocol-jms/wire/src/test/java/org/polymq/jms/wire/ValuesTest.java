/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ValuesTest {

    @Test
    void writesEachTypeAsATypeByteAndTheValue() {
        assertThat(hex((Object) null)).isEqualTo("00");
        assertThat(hex(true)).isEqualTo("0101");
        assertThat(hex((byte) -1)).isEqualTo("02ff");
        assertThat(hex((short) 258)).isEqualTo("030102");
        assertThat(hex('A')).isEqualTo("040041");
        assertThat(hex(1)).isEqualTo("0500000001");
        assertThat(hex(2L)).isEqualTo("060000000000000002");
        assertThat(hex(1f)).isEqualTo("073f800000");
        assertThat(hex(1d)).isEqualTo("083ff0000000000000");
        assertThat(hex("é")).isEqualTo("0900000002c3a9");
        assertThat(hex(new byte[] {1, 2})).isEqualTo("0a000000020102");
    }

    @Test
    void aMapIsACountThenNamesAndValues() {
        Map<String, @Nullable Object> items = new LinkedHashMap<>();
        items.put("a", 1);
        items.put("b", null);

        byte[] body = BodyCodec.encodeMap(items);

        assertThat(ByteBufUtil.hexDump(body)).isEqualTo("000000020000000161050000000100000001" + "6200");
        assertThat(BodyCodec.decodeMap(body)).isEqualTo(items);
    }

    @Test
    void aStreamIsValuesToTheEnd() {
        List<@Nullable Object> items = Arrays.asList("x", null, 2L);

        assertThat(BodyCodec.decodeStream(BodyCodec.encodeStream(items))).isEqualTo(items);
    }

    @Test
    void refusesATypeItDoesNotKnow() {
        assertThatThrownBy(() -> BodyCodec.decodeStream(new byte[] {11})).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Values.write(Unpooled.buffer(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesALengthThatTheBytesDoNotHave() {
        assertThatThrownBy(() -> BodyCodec.decodeStream(new byte[] {9, 0x7f, 0, 0, 0}))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> BodyCodec.decodeMap(new byte[] {0x7f, 0, 0, 0}))
                .isInstanceOf(ProtocolException.class);
    }

    private static String hex(@Nullable Object value) {
        ByteBuf out = Unpooled.buffer();
        Values.write(out, value);
        return ByteBufUtil.hexDump(out);
    }
}
