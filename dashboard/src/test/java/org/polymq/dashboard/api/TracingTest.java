/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Inbox;
import org.polymq.broker.follow.ClientFollowing;
import org.polymq.broker.subscription.SubscriptionKey;

/** Traces of clients and topics: what they show, and their bounds. */
class TracingTest {
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
    void showsWhatHappensToTheMessagesOfATopic() throws Exception {
        int number = api.ok("POST", "traces", "{\"topic\":\"jobs\",\"duration\":\"10m\"}")
                .path("number")
                .asInt();
        api.ok("POST", "messages", "{\"topic\":\"other\",\"body\":\"x\"}");
        long position = api.ok("POST", "messages", "{\"queue\":\"jobs\",\"body\":\"x\"}")
                .path("position")
                .asLong();
        Inbox consumer = Inbox.of(api.broker(), SubscriptionKey.queue("jobs"), 1);
        ClientFollowing client = new ClientFollowing(api.broker().followers(), "jms", "app");
        client.delivered(consumer.deliveries().get(0), "jobs");
        client.acknowledged(consumer.deliveries(), "jobs");

        JsonNode trace = api.get("traces/" + number);
        assertThat(steps(trace.path("events")))
                .containsExactly("published jobs mqtt ", "delivered jobs jms app", "acknowledged jobs jms app");
        assertThat(trace.path("trace").path("running").asBoolean()).isTrue();
        assertThat(steps(api.get("messages/" + position + "/trace").path("steps")))
                .containsExactly("published jobs mqtt ", "delivered jobs jms app", "acknowledged jobs jms app");

        api.ok("DELETE", "traces/" + number, null);
        assertThat(api.broker().followers().any()).isFalse();
        assertThat(api.get("traces").path("traces")).isEmpty();
    }

    @Test
    void followsAClientByItsIdOrAddress() throws Exception {
        api.ok("POST", "traces", "{\"client\":\"10.0.0.1\"}");
        api.ok("POST", "messages", "{\"queue\":\"jobs\",\"body\":\"x\"}");
        Inbox consumer = Inbox.of(api.broker(), SubscriptionKey.queue("jobs"), 1);

        for (String client : List.of("10.0.0.1:4711", "10.0.0.10:4711", "10.0.0.1")) {
            new ClientFollowing(api.broker().followers(), "rocketmq", client)
                    .delivered(consumer.deliveries().get(0), "g");
        }

        assertThat(steps(api.get("traces/1").path("events")))
                .containsExactly("delivered jobs rocketmq 10.0.0.1:4711", "delivered jobs rocketmq 10.0.0.1");
    }

    @Test
    void keepsWithinItsBounds() throws Exception {
        api.ok("POST", "traces", "{\"client\":\"app\"}");
        api.ok("POST", "messages", "{\"queue\":\"jobs\",\"body\":\"x\"}");
        Inbox consumer = Inbox.of(api.broker(), SubscriptionKey.queue("jobs"), 1);
        ClientFollowing client = new ClientFollowing(api.broker().followers(), "jms", "app");
        for (int i = 0; i < 3_000; i++) {
            client.delivered(consumer.deliveries().get(0), "jobs");
        }

        JsonNode row = api.get("traces").path("traces").get(0);
        assertThat(row.path("events").asInt()).isBetween(500, 1_000);
        assertThat(row.path("events").asInt() + row.path("missed").asLong()).isEqualTo(3_000);
    }

    @Test
    void refusesTooManyAndTooLong() throws Exception {
        assertThat(api.refused("POST", "traces", "{}")).isEqualTo("400 INVALID_REQUEST");
        assertThat(api.refused("POST", "traces", "{\"topic\":\"a\",\"duration\":\"2h\"}"))
                .isEqualTo("400 INVALID_REQUEST");
        assertThat(api.refused("POST", "traces", "{\"topic\":\"a/#/b\"}")).startsWith("400");
        assertThat(api.refused("GET", "traces/7", null)).isEqualTo("404 NOT_FOUND");
        assertThat(api.refused("DELETE", "traces/7", null)).isEqualTo("404 NOT_FOUND");
        for (int i = 0; i < 10; i++) {
            api.ok("POST", "traces", "{\"client\":\"c" + i + "\"}");
        }
        assertThat(api.refused("POST", "traces", "{\"client\":\"more\"}")).isEqualTo("429 LIMIT_EXCEEDED");
        api.ok("POST", "users", "{\"name\":\"eve\",\"password\":\"a long password\"}");
        api.as("eve:a long password");
        assertThat(api.refused("POST", "traces", "{\"client\":\"app\"}")).isEqualTo("403 NO_PERMISSION");
        assertThat(api.refused("GET", "traces/1", null)).isEqualTo("403 NO_PERMISSION");
    }

    private static List<String> steps(JsonNode events) {
        List<String> steps = new ArrayList<>();
        events.forEach(event -> steps.add(event.path("what").asText() + " "
                + event.path("topic").asText() + " "
                + event.path("protocol").asText() + " "
                + event.path("client").asText()));
        return steps;
    }
}
