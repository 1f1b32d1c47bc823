/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CorrelationTest {
    @Test
    void writesTextAsItIsAndOtherBytesAsDigits() {
        assertThat(Correlation.toText("order-1".getBytes(UTF_8))).isEqualTo("order-1");
        assertThat(Correlation.toText(new byte[] {(byte) 0xFF, 0})).isEqualTo("hex:FF00");
        assertThat(Correlation.toText("a\u0001".getBytes(UTF_8))).isEqualTo("a\u0001");
        assertThat(Correlation.toNativeText("a\u0001".getBytes(UTF_8))).isEqualTo("hex:6101");
    }

    @Test
    void bringsBackTheVeryBytesAndTheVeryText() {
        String[] pieces = {"hex:", "FF", "41", "hex:FF", "6865783A", "hex:41", "00", "a"};
        Seeded.times(10_000, random -> {
            String text = Seeded.text(random, pieces);
            byte[] bytes = random.nextBoolean() ? text.getBytes(UTF_8) : Seeded.bytes(random, 12);

            assertThat(Correlation.ofText(Correlation.toText(bytes))).isEqualTo(bytes);
            assertThat(Correlation.ofNativeText(Correlation.toNativeText(bytes)))
                    .isEqualTo(bytes);
            assertThat(Correlation.toText(Correlation.ofText(text))).isEqualTo(text);
            assertThat(Correlation.toNativeText(bytes)).doesNotContainPattern("\\p{Cntrl}");
        });
    }
}
