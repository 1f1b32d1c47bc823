/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NameLimitsTest {
    private final NameLimits limits = new NameLimits(10, 3);

    @Test
    void takesWhatFits() {
        for (String name : new String[] {"a", "a/b/c", "//", "abcdefghij", "ab/cd/efgh"}) {
            assertThatCode(() -> limits.check(Address.split(name))).as(name).doesNotThrowAnyException();
            assertThatCode(() -> limits.check(name)).as(name).doesNotThrowAnyException();
        }
    }

    @Test
    void refusesWhatIsTooLongOrTooDeepAndNamesTheKey() {
        assertThatThrownBy(() -> limits.check(Address.split("abcd/efghij")))
                .hasMessageContaining("limits.topic-length");
        assertThatThrownBy(() -> limits.check(Address.split("a/b/c/"))).hasMessageContaining("limits.topic-levels");
        assertThatThrownBy(() -> limits.check("///")).hasMessageContaining("4 levels");
    }
}
