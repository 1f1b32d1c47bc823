/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Property;

class LendFrameTest {
    @Test
    void aMessageIsTheSameBehindTheStream() {
        Message sent = Message.to(Address.split("to/here"))
                .body(BodyKind.TEXT, "text".getBytes(UTF_8))
                .groupKey("key")
                .properties(List.of(Property.of("n", (Object) 5L), Property.of("b", (Object) true)))
                .build();

        LendFrame.Store read =
                (LendFrame.Store) LendFrame.read(new LendFrame.Store(1, 2, List.of(sent), Map.of("at", "3")).toBytes());

        Message message = read.messages().get(0);
        assertThat(message.address()).isEqualTo(sent.address());
        assertThat(message.bodyKind()).isEqualTo(BodyKind.TEXT);
        assertThat(message.body()).isEqualTo(sent.body());
        assertThat(message.groupKey()).isEqualTo("key");
        assertThat(message.properties()).isEqualTo(sent.properties());
        assertThat(message.durable()).isEqualTo(sent.durable());
        assertThat(read.positions()).isEqualTo(Map.of("at", "3"));
    }
}
