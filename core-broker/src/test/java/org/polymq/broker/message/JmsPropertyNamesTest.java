/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JmsPropertyNamesTest {
    private static final String RESERVED = "(?i)null|true|false|not|and|or|between|like|in|is|escape";

    @ParameterizedTest
    @CsvSource({
        "color,        color",
        "$x_1,         $x_1",
        "content-type, content_x002D_type",
        "1st,          _x0031_st",
        "a b,          a_x0020_b",
        "and,          _x0061_nd",
        "JMSReplyTo,   _x004A_MSReplyTo",
        "JMSXGroupSeq, JMSXGroupSeq",
        "_x002D_,      _x005F_x002D_",
        "_xyz,         _xyz",
        "'',           _x_",
        "_x_,          _x005F_x_",
    })
    void makesNamesOfOtherProtocolsLegal(String name, String jms) {
        assertThat(JmsPropertyNames.escape(name, false)).isEqualTo(jms);
        assertThat(JmsPropertyNames.unescape(jms, false)).isEqualTo(name);
    }

    @Test
    void keepsEveryNameBothWays() {
        String[] pieces = {"_x", "_", "005F", "002D", "_x002D_", "_x005F_", "x", "JMS", "and", "-", "é", "\u0001", "\0"
        };
        Seeded.times(15_000, random -> {
            boolean jms = random.nextBoolean();
            String name = Seeded.text(random, pieces);

            String legal = JmsPropertyNames.escape(name, jms);

            assertThat(isLegal(legal)).as(legal).isTrue();
            assertThat(JmsPropertyNames.unescape(legal, jms)).isEqualTo(name);
            if (isLegal(name) && (jms || !name.startsWith("JMS")) && !name.matches(RESERVED)) {
                assertThat(JmsPropertyNames.escape(JmsPropertyNames.unescape(name, jms), jms))
                        .isEqualTo(name);
            }
        });
    }

    private static boolean isLegal(String name) {
        return !name.isEmpty()
                && Character.isJavaIdentifierStart(name.charAt(0))
                && name.chars().allMatch(c -> Character.isJavaIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
    }
}
