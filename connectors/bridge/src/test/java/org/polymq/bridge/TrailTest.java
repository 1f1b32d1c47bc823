/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.polymq.bridge.remote.Outbound;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.Property;

class TrailTest {
    @Test
    void knowsBrokersAndTheRemotesTheyHadItFrom() {
        Trail trail = Trail.parse("a b/mosquitto");

        assertThat(trail.passed("a")).isTrue();
        assertThat(trail.passed("b")).isTrue();
        assertThat(trail.passed("c")).isFalse();
        assertThat(trail.cameFrom("b", "mosquitto")).isTrue();
        assertThat(trail.cameFrom("b", "artemis")).isFalse();
        assertThat(trail.cameFrom("a", "mosquitto")).isFalse();
    }

    @Test
    void knowsWhatHasLeftABrokerAndIsThereAgain() {
        assertThat(Trail.parse("a").cameRound("a")).isTrue();
        assertThat(Trail.parse("a b").cameRound("a")).isTrue();
        assertThat(Trail.parse("a/mosquitto b").cameRound("a")).isTrue();
        assertThat(Trail.parse("b a/mosquitto").cameRound("a")).isFalse();
        assertThat(Trail.parse("b").cameRound("a")).isFalse();
        assertThat(Trail.parse("").cameRound("a")).isFalse();
        assertThat(Trail.parse("b/a").visited("a")).isTrue();
        assertThat(Trail.parse("b/ca").visited("a")).isFalse();
    }

    @Test
    void takesTheOldTrailsPlaceAmongTheProperties() {
        Message message = Message.to(Address.of("t"))
                .properties(List.of(Property.of("x", "1"), Property.of(Outbound.TRAIL, "a")))
                .build();

        Message marked = Trail.of(message).and("b").on(message).build();

        assertThat(marked.properties()).containsExactly(Property.of("x", "1"), Property.of(Outbound.TRAIL, "a b"));
    }

    @Test
    void isInANativeMessagesStringToo() {
        Message message = Message.to(Address.of("t"))
                .nativeProperties("x\u00011\u0002TAGS\u0001A\u0002")
                .build();

        Message marked = Trail.of(message).and("b").on(message).build();

        assertThat(NativeProperties.toMap(String.valueOf(marked.nativeProperties())))
                .containsEntry(Outbound.TRAIL, "b")
                .containsEntry("TAGS", "A");
        assertThat(marked.tag()).isEqualTo("A");
    }
}
