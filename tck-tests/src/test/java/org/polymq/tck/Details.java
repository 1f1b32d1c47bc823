/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.ledger.Stamp;

/** Keys, tag and properties that follow from a message's number, so that the receiving side can check them. */
final class Details {
    private Details() {}

    /** The message of a stamp with everything that a protocol may express. */
    static Outgoing outgoing(Stamp stamp, String groupKey) {
        long number = stamp.number();
        return Outgoing.of(stamp.body(64 + (int) (number % 512)))
                .withGroupKey(groupKey)
                .withDetails("key-" + number, "tag" + number % 3, properties(number));
    }

    /** Checks what a receiver sees of such a message. Only JMS to JMS keeps types; elsewhere the text is the same. */
    static void check(Incoming incoming, String from, String to) {
        if (from.startsWith("mqtt3") || to.startsWith("mqtt3")) {
            return; // 3.1.1 has nothing but a body
        }
        long number = Stamp.of(incoming.body()).orElseThrow().number();
        assertThat(incoming.text("KEYS")).as("keys of %d", number).contains("key-" + number);
        assertThat(incoming.text("TAGS")).as("tag of %d", number).contains("tag" + number % 3);
        properties(number).forEach((name, value) -> {
            if (from.startsWith("jms") && to.startsWith("jms")) {
                assertThat(incoming.properties()).containsEntry(name, value);
            } else {
                assertThat(incoming.text(name)).as("%s of %d", name, number).contains(value.toString());
            }
        });
    }

    private static Map<String, Object> properties(long number) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("text", "grüße " + number + " \uD83D\uDE80");
        properties.put("flag", number % 2 == 0);
        properties.put("small", (int) number);
        properties.put("large", number << 33);
        properties.put("ratio", number / 8.0);
        return properties;
    }
}
