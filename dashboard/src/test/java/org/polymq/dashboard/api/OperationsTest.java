/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Inbox;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.RedeliveryPolicy;
import org.polymq.broker.subscription.SubscriptionKey;

/** What operators do to a broker that runs: purge, dead letters, delayed messages, traces, configuration, audit. */
class OperationsTest {
    private static final SubscriptionKey JOBS = SubscriptionKey.queue("jobs");

    private Path directory;
    private ApiServer api;

    @BeforeEach
    void open(@TempDir Path temporary) throws Exception {
        directory = temporary;
        api = new ApiServer(temporary);
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void purgesAQueueUnderItsConsumer() throws Exception {
        queueOf("jobs", 3);
        Inbox consumer = Inbox.of(api.broker(), JOBS, 1);
        assertThat(consumer.texts()).containsExactly("m0");

        assertThat(api.ok("POST", "topics/jobs/purge", null).get("taken").asLong())
                .isEqualTo(3);

        assertThat(api.get("topics/jobs").get("waiting").asLong()).isZero();
        consumer.consumer().credit(10, 1 << 20);
        api.ok("POST", "messages", "{\"queue\":\"jobs\",\"body\":\"after\"}");
        assertThat(consumer.texts()).containsExactly("m0", "after");
        assertThat(api.ok("POST", "topics/jobs/purge", null).get("taken").asLong())
                .isOne();
        api.ok("POST", "topics", "{\"name\":\"t\"}");
        assertThat(api.refused("POST", "topics/t/purge", null)).isEqualTo("409 WRONG_KIND");
        assertThat(api.refused("POST", "topics/none/purge", null)).isEqualTo("404 NOT_FOUND");
    }

    @Test
    void purgesASubscriptionAndAGroup() throws Exception {
        api.ok("POST", "topics", "{\"name\":\"t\",\"queues\":1}");
        api.broker()
                .subscriptions()
                .subscribe(
                        SubscriptionKey.jmsDurable("c", "s"),
                        List.of("t/#"),
                        "",
                        Lane.direct(),
                        new org.polymq.broker.Answer<>());
        api.ok("POST", "groups", "{\"name\":\"g\"}");
        api.ok("POST", "groups/g/reset", "{\"topic\":\"t\",\"to\":\"earliest\"}");
        api.ok("POST", "messages", "{\"topic\":\"t/a\",\"body\":\"1\"}");
        api.ok("POST", "messages", "{\"topic\":\"t/b\",\"body\":\"2\"}");

        assertThat(api.ok("POST", "subscriptions/jms-durable/c/s/purge", null)
                        .get("taken")
                        .asLong())
                .isEqualTo(2);
        JsonNode moved = api.ok("POST", "groups/g/purge", "{\"topic\":\"t\"}");

        assertThat(moved.get("skipped").asLong()).isEqualTo(2);
        assertThat(api.get("groups/g").get("lag").asLong()).isZero();
        assertThat(api.get("subscriptions?name=jms-durable")
                        .get("subscriptions")
                        .get(0)
                        .get("waiting")
                        .asLong())
                .isZero();
        assertThat(api.refused("POST", "subscriptions/jms-durable/c/none/purge", null))
                .isEqualTo("404 NOT_FOUND");
    }

    @Test
    void showsDeadLettersAndSendsThemAgainOnce() throws Exception {
        queueOf("jobs", 1);
        bury("jobs");

        JsonNode queues = api.get("dead-letters").get("queues");
        assertThat(queues).hasSize(1);
        assertThat(queues.get(0).get("queue").asText()).isEqualTo("%DLQ%JMS-jobs");
        String path = "dead-letters/" + ApiServer.escape("%DLQ%JMS-jobs");
        JsonNode letter = api.get(path).get("letters").get(0);
        assertThat(letter.get("topic").asText()).isEqualTo("jobs");
        assertThat(letter.get("deliveries").asInt()).isEqualTo(1);
        assertThat(letter.get("preview").asText()).isEqualTo("m0");
        String positions = "{\"positions\":[" + letter.get("position").asLong() + "]}";

        assertThat(api.ok("POST", path + "/resend", positions).get("resent").asInt())
                .isOne();

        assertThat(api.get(path).get("letters")).isEmpty();
        Inbox consumer = Inbox.of(api.broker(), JOBS, 5);
        assertThat(consumer.texts()).containsExactly("m0");
        assertThat(api.get("messages/" + consumer.deliveries().get(0).position())
                        .get("jms")
                        .get("properties")
                        .fieldNames())
                .toIterable()
                .noneMatch(name -> name.startsWith("DLQ_"));
        JsonNode again = api.ok("POST", path + "/resend", positions);
        assertThat(again.get("resent").asInt()).isZero();
        assertThat(again.get("refused").get(0).get("message").asText()).contains("acknowledged already");
        assertThat(api.refused("POST", path + "/resend", "{\"positions\":[]}")).isEqualTo("400 INVALID_REQUEST");
        assertThat(api.refused("GET", "dead-letters/jobs", null)).isEqualTo("404 NOT_FOUND");
    }

    @Test
    void doesNotSendAgainWhatAConsumerHasInHand() throws Exception {
        queueOf("jobs", 1);
        bury("jobs");
        Inbox.of(api.broker(), SubscriptionKey.queue("%DLQ%JMS-jobs"), 1);
        String path = "dead-letters/" + ApiServer.escape("%DLQ%JMS-jobs");
        long position = api.get(path).get("letters").get(0).get("position").asLong();

        JsonNode answer = api.ok("POST", path + "/resend", "{\"positions\":[" + position + "]}");

        assertThat(answer.get("resent").asInt()).isZero();
        assertThat(answer.get("refused").get(0).get("message").asText()).contains("a consumer has message");
    }

    @Test
    void tracesAMessageToItsAcknowledgementAndItsDeadLetter() throws Exception {
        queueOf("jobs", 2);
        long first = position("jobs", 0);
        assertThat(state(first)).isEqualTo("waiting");

        Inbox consumer = Inbox.of(api.broker(), JOBS, 1);
        assertThat(state(first)).isEqualTo("in flight");
        Inbox.accept(consumer.consumer(), consumer.deliveries());
        assertThat(state(first)).isEqualTo("acknowledged");
        consumer.consumer().close(false);

        bury("jobs");
        JsonNode trace = api.get("messages/" + position("jobs", 1) + "/trace");
        assertThat(trace.get("subscriptions").get(0).get("state").asText()).isEqualTo("acknowledged");
        JsonNode copy = trace.get("copies").get(0);
        assertThat(copy.get("what").asText()).isEqualTo("dead letter");
        assertThat(copy.get("reason").asText()).contains("jobs");
        assertThat(api.refused("GET", "messages/1/trace", null)).startsWith("404");
    }

    @Test
    void tracesWhatGroupsConsumedByOffset() throws Exception {
        api.ok("POST", "topics", "{\"name\":\"t\",\"queues\":1}");
        long position = api.ok("POST", "messages", "{\"topic\":\"t\",\"body\":\"1\"}")
                .get("position")
                .asLong();
        api.ok("POST", "groups", "{\"name\":\"g\"}");
        assertThat(api.get("messages/" + position + "/trace").get("groups")).isEmpty();

        api.ok("POST", "groups/g/reset", "{\"topic\":\"t\",\"to\":\"earliest\"}");
        assertThat(group(position)).isEqualTo("waiting");
        api.ok("POST", "groups/g/reset", "{\"topic\":\"t\",\"to\":\"latest\"}");
        assertThat(group(position)).isEqualTo("consumed");
    }

    @Test
    void listsDelayedMessagesInPagesAndTakesOneBack() throws Exception {
        for (int hours : List.of(3, 1, 2)) {
            api.ok("POST", "messages", "{\"topic\":\"t\",\"body\":\"in " + hours + "\",\"delay\":\"" + hours + "h\"}");
        }

        JsonNode page = api.get("delayed?limit=2");
        assertThat(previews(page.get("delayed"))).containsExactly("in 1", "in 2");
        assertThat(previews(api.get("delayed?limit=2&after=" + page.get("next").asText())
                        .get("delayed")))
                .containsExactly("in 3");
        String id = page.get("delayed").get(0).get("id").asText();
        assertThat(api.get("messages/" + id.split("-", 2)[1] + "/trace")
                        .get("state")
                        .asText())
                .isEqualTo("delayed");

        api.ok("DELETE", "delayed/" + id, null);

        assertThat(previews(api.get("delayed").get("delayed"))).containsExactly("in 2", "in 3");
        assertThat(api.refused("DELETE", "delayed/" + id, null)).isEqualTo("404 NOT_FOUND");
        assertThat(api.refused("DELETE", "delayed/soon", null)).isEqualTo("400 INVALID_REQUEST");
    }

    @Test
    void changesWhatChangesAtRunTimeAndSaysWhatDoesNot() throws Exception {
        JsonNode level = api.get("config/log.level");
        assertThat(level.get("value").asText()).isEqualTo("warn");
        assertThat(level.get("source").asText()).contains("POLYMQ_LOG_LEVEL");

        JsonNode changed = api.ok("PUT", "config/log.level", "{\"value\":\"debug\",\"expected\":\"warn\"}");

        assertThat(changed.get("value").asText()).isEqualTo("debug");
        assertThat(changed.get("source").asText()).isEqualTo("changed at run time");
        assertThat(api.levels()).containsExactly("debug");
        assertThat(api.refused("PUT", "config/log.level", "{\"value\":\"info\",\"expected\":\"warn\"}"))
                .isEqualTo("409 CONFLICT");
        assertThat(api.refused("PUT", "config/log.level", "{\"value\":\"loud\"}"))
                .isEqualTo("400 INVALID_REQUEST");
        assertThat(api.refused("PUT", "config/log.level", "{}")).isEqualTo("400 INVALID_REQUEST");
        assertThat(api.refused("PUT", "config/mqtt.port", "{\"value\":\"1884\"}"))
                .isEqualTo("400 INVALID_REQUEST");
        assertThat(api.refused("PUT", "config/mqtt.prot", "{\"value\":\"1\"}")).isEqualTo("404 NOT_FOUND");

        assertThat(api.ok("DELETE", "config/log.level", null).get("value").asText())
                .isEqualTo("warn");
        assertThat(api.levels()).containsExactly("debug", "warn");
        assertThat(api.get("config?live=true").get("config")).hasSize(1);
    }

    @Test
    void showsTheAuditLogTheNewestFirst() throws Exception {
        Path audit = Files.createDirectories(directory.resolve("audit"));
        Files.writeString(
                audit.resolve("audit.1.log"), line(1, "ann", "topic create") + line(2, "bob", "topic delete"));
        Files.writeString(audit.resolve("audit.log"), line(3, "ann", "user <b>create</b>") + line(3, "ann", "login"));

        JsonNode page = api.get("audit?limit=2");
        assertThat(whats(page)).containsExactly("login", "user <b>create</b>");
        assertThat(whats(api.get("audit?limit=2&after=" + page.get("next").asText())))
                .containsExactly("topic delete", "topic create");
        JsonNode one = api.get("audit?limit=1");
        assertThat(whats(api.get("audit?limit=1&after=" + one.get("next").asText())))
                .containsExactly("user <b>create</b>");
        assertThat(whats(api.get("audit?user=ann&text=CREATE"))).containsExactly("user <b>create</b>", "topic create");
        assertThat(whats(api.get("audit?from=2026-01-01T00:00:02Z&to=2026-01-01T00:00:02Z")))
                .containsExactly("topic delete");
        assertThat(api.refused("GET", "audit?after=x", null)).isEqualTo("400 INVALID_REQUEST");
    }

    @Test
    void carriesTheContextOfATraceInTheTermsOfAllProtocols() throws Exception {
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        long position = api.ok(
                        "POST",
                        "messages",
                        "{\"topic\":\"t\",\"body\":\"x\",\"properties\":{\"traceparent\":\"" + parent
                                + "\",\"tracestate\":\"a=1\"}}")
                .get("position")
                .asLong();

        JsonNode message = api.get("messages/" + position);

        assertThat(message.get("mqtt").get("userProperties").toString()).contains("traceparent=" + parent);
        assertThat(message.get("jms").get("properties").get("traceparent").asText())
                .isEqualTo(parent);
        assertThat(message.get("nativeView")
                        .get("properties")
                        .get("traceparent")
                        .asText())
                .isEqualTo(parent);
        assertThat(message.get("nativeView").get("properties").get("tracestate").asText())
                .isEqualTo("a=1");
    }

    @Test
    void saysWhetherTheAdvertisedAddressIsReached() throws Exception {
        JsonNode node = api.get("nodes").get("nodes").get(0);

        assertThat(node.get("reachable").asBoolean()).isTrue();
        assertThat(node.has("advice")).isFalse();
    }

    @Test
    void tellsWhoIsBehind() throws Exception {
        queueOf("jobs", 4);
        api.ok("POST", "topics", "{\"name\":\"t\",\"queues\":1}");
        api.ok("POST", "messages", "{\"topic\":\"t\",\"body\":\"1\"}");
        api.ok("POST", "groups", "{\"name\":\"g\"}");
        api.ok("POST", "groups/g/reset", "{\"topic\":\"t\",\"to\":\"earliest\"}");

        JsonNode slow = api.get("slow-consumers").get("consumers");

        assertThat(slow.get(0).get("name").asText()).isEqualTo("queue/-/jobs");
        assertThat(slow.get(0).get("waiting").asLong()).isEqualTo(4);
        assertThat(slow.get(0).get("oldest").asText()).startsWith("20");
        assertThat(slow.get(1).get("name").asText()).isEqualTo("g");
        assertThat(slow.get(1).get("waiting").asLong()).isOne();
        assertThat(api.get("busiest-topics").get("topics").get(0).get("topic").asText())
                .isEqualTo("jobs");
    }

    @Test
    void tellsTheSecondOfTwoEditorsThatTheFirstWasThere() throws Exception {
        api.ok("POST", "topics", "{\"name\":\"t\"}");
        String seen = api.get("topics/t").get("version").asText();

        api.ok("PUT", "topics/t", "{\"retention\":\"1d\",\"version\":\"" + seen + "\"}");
        assertThat(api.refused("PUT", "topics/t", "{\"retention\":\"2d\",\"version\":\"" + seen + "\"}"))
                .isEqualTo("409 CONFLICT");
        assertThat(api.get("topics/t").get("retention").asText()).isEqualTo("24h");

        TestBroker.addUser(api.broker(), "ann", "a good password");
        String user = api.get("users/ann").get("version").asText();
        api.ok("PUT", "users/ann", "{\"enabled\":false,\"version\":\"" + user + "\"}");
        assertThat(api.refused("PUT", "users/ann", "{\"enabled\":true,\"version\":\"" + user + "\"}"))
                .isEqualTo("409 CONFLICT");
        api.ok("POST", "groups", "{\"name\":\"g\"}");
        assertThat(api.refused("PUT", "groups/g", "{\"maxRetries\":3,\"version\":\"older\"}"))
                .isEqualTo("409 CONFLICT");
    }

    @Test
    void isForAdministrators() throws Exception {
        queueOf("jobs", 1);
        TestBroker.addUser(api.broker(), "ann", "a good password", "allow SUB,PUB queue:jobs");
        api.as("ann:a good password");

        for (String path : List.of("delayed", "audit", "config", "nodes", "slow-consumers", "busiest-topics")) {
            assertThat(api.refused("GET", path, null)).as(path).isEqualTo("403 NO_PERMISSION");
        }
        assertThat(api.refused("POST", "topics/jobs/purge", null)).isEqualTo("403 NO_PERMISSION");
        assertThat(api.refused("PUT", "config/log.level", "{\"value\":\"debug\"}"))
                .isEqualTo("403 NO_PERMISSION");
        assertThat(api.get("dead-letters").get("queues")).isEmpty();
    }

    // ----

    private void queueOf(String name, int messages) throws Exception {
        api.ok("POST", "topics", "{\"name\":\"" + name + "\",\"kind\":\"queue\"}");
        for (int i = 0; i < messages; i++) {
            api.ok("POST", "messages", "{\"queue\":\"" + name + "\",\"body\":\"m" + i + "\"}");
        }
    }

    /** An application gets the first message, does not consume it, and that is once too often. */
    private void bury(String queue) throws Exception {
        api.broker().redeliveries().change(new RedeliveryPolicy(1, Duration.ZERO, 1, Duration.ZERO, ""));
        List<Delivery> got = new ArrayList<>();
        Consumer consumer = api.broker()
                .subscriptions()
                .attach(
                        SubscriptionKey.queue(queue),
                        ConsumerOptions.shared(Lane.direct()).withRedeliveryPolicy(),
                        new Consumer.Listener() {
                            @Override
                            public void delivered(List<Delivery> batch) {
                                got.addAll(batch);
                            }

                            @Override
                            public void ended() {
                                throw new AssertionError("nobody deleted the queue");
                            }
                        });
        consumer.credit(1, 1 << 20);
        consumer.release(List.copyOf(got), true);
        consumer.close(false);
        await().until(() -> api.get("dead-letters").get("queues").size() == 1
                && api.get("dead-letters").get("queues").get(0).get("waiting").asLong() == 1);
    }

    private long position(String queue, long offset) throws Exception {
        return api.get("topics/" + queue + "/messages?limit=1&offset=" + offset)
                .get("messages")
                .get(0)
                .get("position")
                .asLong();
    }

    private String state(long position) throws Exception {
        return api.get("messages/" + position + "/trace")
                .get("subscriptions")
                .get(0)
                .get("state")
                .asText();
    }

    private String group(long position) throws Exception {
        return api.get("messages/" + position + "/trace")
                .get("groups")
                .get(0)
                .get("state")
                .asText();
    }

    private static String line(int second, String user, String what) {
        return "{\"time\":\"2026-01-01T00:00:0" + second + "Z\",\"event\":\"admin\",\"user\":\"" + user
                + "\",\"protocol\":\"http\",\"address\":\"127.0.0.1:1\",\"what\":\"" + what + "\"}\n";
    }

    private static List<String> whats(JsonNode page) {
        List<String> whats = new ArrayList<>();
        page.get("lines").forEach(line -> whats.add(line.get("what").asText()));
        return whats;
    }

    private static List<String> previews(JsonNode rows) {
        List<String> previews = new ArrayList<>();
        rows.forEach(row -> previews.add(row.get("preview").asText()));
        return previews;
    }
}
