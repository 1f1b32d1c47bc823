/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.Endpoints;

/** Well-behaved clients of every protocol that are connected all the time and must notice nothing. */
final class Bystander implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Ledger ledger = new Ledger();
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();

    /** Connects a publisher and a subscriber of each protocol. */
    Bystander(Endpoints server) throws Exception {
        for (Protocol protocol :
                List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), Mqtt5Protocol.topics(1))) {
            String topic = stream(publishers.size());
            ledger.subscribes(topic, Set.of(topic));
            subscribers.add(protocol.subscriber(
                    server, topic + "-reader", topic, incoming -> ledger.received(topic, incoming.body())));
            publishers.add(protocol.publisher(server, topic + "-writer", topic));
        }
    }

    /** Exchanges one message over each protocol. */
    void exchange() throws Exception {
        for (int i = 0; i < publishers.size(); i++) {
            Stamp stamp = ledger.next(stream(i));
            publishers.get(i).publish(Outgoing.of(stamp.body(100)).withGroupKey("k"));
            ledger.acknowledged(stamp);
        }
    }

    /** Everything that was exchanged arrived, once and in order, over the connections of the beginning. */
    void noticedNothing() {
        await().atMost(PATIENCE).until(ledger::complete);
        Verdict verdict = ledger.judge();
        assertThat(verdict.exactlyOnce())
                .as("%s %s", verdict, verdict.examples())
                .isTrue();
    }

    @Override
    public void close() {
        publishers.forEach(Publisher::close);
        subscribers.forEach(Subscriber::close);
    }

    private static String stream(int index) {
        return "bystander-" + index;
    }
}
