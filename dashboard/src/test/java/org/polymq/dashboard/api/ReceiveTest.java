/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Inbox;
import org.polymq.broker.Lane;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.subscription.SubscriptionKey;

/** Whoever looks on sees what is published, and nobody loses anything by it. */
class ReceiveTest {
    private ApiServer api;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        api = new ApiServer(directory);
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void showsWhatIsPublishedToATopicFilter() throws Exception {
        try (EventReader events = api.events("messages/stream?topic=" + ApiServer.escape("rooms/+/light"))) {
            events.next("listening");
            api.ok("POST", "messages", "{\"topic\":\"rooms/1/heat\",\"body\":\"other\"}");
            JsonNode sent = api.ok(
                    "POST",
                    "messages",
                    "{\"topic\":\"rooms/1/light\",\"body\":\"on\",\"keys\":\"k\",\"properties\":{\"a\":\"b\"}}");

            JsonNode message = events.next("message");
            assertThat(message.path("topic").asText()).isEqualTo("rooms/1/light");
            assertThat(message.path("body").path("content").asText()).isEqualTo("on");
            assertThat(message.path("position").asLong())
                    .isEqualTo(sent.path("position").asLong());
            assertThat(message.path("keys").asText()).isEqualTo("k");
            assertThat(message.path("properties").path("a").asText()).isEqualTo("b");
        }
    }

    @Test
    void showsWhatNobodyStores() throws Exception {
        try (EventReader events = api.events("messages/stream?topic=live")) {
            events.next("listening");
            Message message = Message.to(Names.ofMqtt("live"))
                    .origin(Origin.MQTT)
                    .qos(0)
                    .body(BodyKind.BYTES, new byte[] {'h', 'i'})
                    .build();
            api.broker().publisher().publishUnacknowledged(message, Lane.direct(), new Answer<>());

            JsonNode shown = events.next("message");
            assertThat(shown.path("body").path("content").asText()).isEqualTo("hi");
            assertThat(shown.has("position")).isFalse();
        }
    }

    @Test
    void leavesAQueueAsItIs() throws Exception {
        api.ok("POST", "messages", "{\"queue\":\"jobs\",\"body\":\"before\"}");
        try (EventReader events = api.events("messages/stream?queue=jobs")) {
            events.next("listening");
            api.ok("POST", "messages", "{\"queue\":\"jobs\",\"body\":\"after\"}");

            JsonNode message = events.next("message");
            assertThat(message.path("topic").asText()).isEqualTo("$queue/jobs");
            assertThat(message.path("offset").asLong()).isOne();
            assertThat(message.path("body").path("content").asText()).isEqualTo("after");
        }

        Inbox consumer = Inbox.of(api.broker(), SubscriptionKey.queue("jobs"), 10);
        assertThat(consumer.texts()).containsExactly("before", "after");
    }

    @Test
    void showsWhatIsPublishedForASubscription() throws Exception {
        SubscriptionKey key = SubscriptionKey.jmsDurable("c", "s");
        api.broker().subscriptions().subscribe(key, List.of("t/#"), "", Lane.direct(), new Answer<>());
        try (EventReader events = api.events("messages/stream?subscription=" + ApiServer.escape("jms-durable/c/s"))) {
            events.next("listening");
            api.ok("POST", "messages", "{\"topic\":\"t/a\",\"body\":\"1\"}");

            assertThat(events.next("message").path("topic").asText()).isEqualTo("t/a");
        }
        assertThat(api.broker().subscriptions().find(key).orElseThrow().pending())
                .isOne();
    }

    @Test
    void endsWhenThePermissionIsTaken() throws Exception {
        api.ok("POST", "users", "{\"name\":\"eve\",\"password\":\"a long password\"}");
        api.ok("PUT", "users/eve", "{\"permissions\":[\"allow SUB topic:open/#\"]}");
        api.as("eve:a long password");
        assertThatThrownBy(() -> api.events("messages/stream?topic=closed")).hasMessageContaining("403");
        assertThatThrownBy(() -> api.events("messages/stream?topic=" + ApiServer.escape("#")))
                .hasMessageContaining("403");
        assertThatThrownBy(() -> api.events("messages/stream?queue=jobs")).hasMessageContaining("403");
        assertThatThrownBy(() -> api.events("messages/stream?subscription=jms-durable/c/s"))
                .hasMessageContaining("403");

        try (EventReader events = api.events("messages/stream?topic=open/a")) {
            events.next("listening");
            api.as("admin:" + api.adminPassword());
            api.ok("PUT", "users/eve", "{\"permissions\":[]}");

            events.next("ended");
        }
    }

    @Test
    void refusesWhatCannotBeLookedAt() {
        assertThatThrownBy(() -> api.events("messages/stream")).hasMessageContaining("give one of");
        assertThatThrownBy(() -> api.events("messages/stream?topic=a&queue=b")).hasMessageContaining("give one of");
        assertThatThrownBy(() -> api.events("messages/stream?topic=" + ApiServer.escape("a/#/b")))
                .hasMessageContaining("400");
        assertThatThrownBy(() -> api.events("messages/stream?topic=" + ApiServer.escape("$queue/a")))
                .hasMessageContaining("the parameter queue");
        assertThatThrownBy(() -> api.events("messages/stream?queue=none")).hasMessageContaining("404");
        assertThatThrownBy(() -> api.events("messages/stream?subscription=odd")).hasMessageContaining("400");
    }
}
