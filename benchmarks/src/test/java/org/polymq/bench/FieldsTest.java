/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FieldsTest {
    @Test
    void readsWhatItWrites() {
        Fields fields = Fields.parse("threads=16  size=1_024 topic=a=b");

        assertThat(fields.count("threads", 1)).isEqualTo(16);
        assertThat(fields.number("size", 0)).isEqualTo(1_024);
        assertThat(fields.text("topic", "")).isEqualTo("a=b");
        assertThat(Fields.parse(fields.toString())).isEqualTo(fields);
    }

    @Test
    void refusesAWordWithoutAKey() {
        assertThatThrownBy(() -> Fields.parse("threads")).hasMessageContaining("'threads'");
    }

    @Test
    void takesTheMiddleOfAnEvenNumberOfRounds() {
        assertThat(Report.median(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(2.5);
    }
}
