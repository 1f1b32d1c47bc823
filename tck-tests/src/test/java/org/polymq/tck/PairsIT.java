/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.polymq.tck.client.HiveMqProtocol;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt3Protocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.ledger.Verdict;

/** Whatever one protocol publishes reaches subscribers of each protocol: complete, once per subscription, in order. */
class PairsIT {
    private static final int KEYS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    static Stream<Arguments> ninePairs() {
        List<Protocol> protocols =
                List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), Mqtt5Protocol.topics(1));
        return protocols.stream().flatMap(from -> protocols.stream().map(to -> Arguments.of(from, to)));
    }

    static Stream<Arguments> otherClients() {
        Protocol native4 = RocketMqVersion.V4.protocol();
        Protocol native5 = RocketMqVersion.V5.protocol();
        Protocol mqtt3 = new Mqtt3Protocol(1);
        Protocol mqtt3Exact = new Mqtt3Protocol(2);
        Protocol mqtt5Exact = Mqtt5Protocol.topics(2);
        Protocol hiveMq = new HiveMqProtocol(1);
        Protocol hiveMqExact = new HiveMqProtocol(2);
        Protocol jms = JmsProtocol.topics();
        return Stream.of(
                Arguments.of(native4, native5),
                Arguments.of(native5, native4),
                Arguments.of(native4, jms),
                Arguments.of(native4, mqtt3),
                Arguments.of(jms, native4),
                Arguments.of(jms, mqtt3),
                Arguments.of(mqtt3, native4),
                Arguments.of(mqtt3, jms),
                Arguments.of(mqtt3, mqtt5Exact),
                Arguments.of(mqtt3Exact, mqtt3Exact),
                Arguments.of(mqtt5Exact, mqtt5Exact),
                Arguments.of(mqtt5Exact, native5),
                Arguments.of(jms, mqtt5Exact),
                Arguments.of(hiveMq, native5),
                Arguments.of(native5, hiveMq),
                Arguments.of(hiveMq, jms),
                Arguments.of(jms, hiveMqExact),
                Arguments.of(hiveMqExact, hiveMqExact),
                Arguments.of(hiveMqExact, mqtt3Exact));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("ninePairs")
    void eachOfTheNinePairsIsCompleteOnceAndInOrder(Protocol from, Protocol to) throws Exception {
        exchange(from, to, Tier.choose(1_000, 10_000));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("otherClients")
    void soIsEachOtherClientVersionAndQualityOfService(Protocol from, Protocol to) throws Exception {
        exchange(from, to, Tier.choose(100, 1_000));
    }

    private static void exchange(Protocol from, Protocol to, int count) throws Exception {
        String topic = "pair-" + from.name() + "-" + to.name();
        Ledger ledger = new Ledger();
        Set<String> streams = new LinkedHashSet<>();
        for (int key = 0; key < KEYS; key++) {
            streams.add(topic + "#" + key);
        }
        Queue<Incoming> received = new ConcurrentLinkedQueue<>();
        List<Subscriber> subscribers = new ArrayList<>();
        try (Publisher publisher = from.publisher(SERVER.at(), topic + "-publisher", topic)) {
            for (String identity : List.of(topic + "-one", topic + "-two")) {
                ledger.subscribes(identity, streams);
                subscribers.add(to.subscriber(SERVER.at(), identity, topic, incoming -> {
                    ledger.received(identity, incoming.body());
                    received.add(incoming);
                }));
            }

            publish(publisher, from, ledger, topic, count);
            awaitAll(ledger, topic, count);
            // One more round through every queue: a repeat of anything before would come ahead of it.
            publish(publisher, from, ledger, topic, KEYS);
            awaitAll(ledger, topic, count + KEYS);
        } finally {
            for (Subscriber subscriber : subscribers) {
                subscriber.close();
            }
        }

        Verdict verdict = ledger.judge();
        assertThat(verdict.exactlyOnce())
                .as("%s %s", verdict, verdict.examples())
                .isTrue();
        assertThat(verdict.acknowledged()).isEqualTo(count + KEYS);
        for (Incoming incoming : received) {
            Details.check(incoming, from.name(), to.name());
            assertThat(incoming.topic()).isEqualTo(expectedTopic(from, to, topic, incoming));
        }
    }

    private static void publish(Publisher publisher, Protocol from, Ledger ledger, String topic, int count)
            throws Exception {
        for (int i = 0; i < count; i++) {
            int key = i % KEYS;
            Stamp stamp = ledger.next(topic + "#" + key);
            Outgoing outgoing = Details.outgoing(stamp, "k" + key);
            publisher.publish(hasGroupKeys(from) ? outgoing : outgoing.withPath("k" + key));
            ledger.acknowledged(stamp);
        }
    }

    private static void awaitAll(Ledger ledger, String topic, int count) {
        await().atMost(PATIENCE)
                .until(
                        () -> List.of(ledger.distinct(topic + "-one"), ledger.distinct(topic + "-two")),
                        counts -> counts.stream().allMatch(each -> each == count));
    }

    private static String expectedTopic(Protocol from, Protocol to, String topic, Incoming incoming) {
        String stream = Stamp.of(incoming.body()).orElseThrow().stream();
        String path = hasGroupKeys(from) ? "" : "/k" + stream.substring(stream.indexOf('#') + 1);
        return to.name().startsWith("jms") ? topic + path.replace('/', '.') : topic + path;
    }

    private static boolean hasGroupKeys(Protocol protocol) {
        return !protocol.name().startsWith("mqtt");
    }
}
