/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt3Protocol;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.Endpoints;

/**
 * All three protocols publishing at once, each topic read by a durable subscriber of every protocol, and beside them
 * MQTT QoS 2 from end to end with a ledger of its own, since there nothing may come twice. Used by one thread.
 */
final class Traffic implements AutoCloseable {
    private final Endpoints server;
    private final String run;
    private final Ledger atLeastOnce = new Ledger();
    private final Ledger exactlyOnce = new Ledger();
    private final List<PublishLoop> loops = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();

    /** For a running server; {@code run} keeps the names of different runs apart. */
    Traffic(Endpoints server, String run) {
        this.server = server;
        this.run = run;
    }

    /** Subscribes everybody, then starts the publishers. */
    void start() throws Exception {
        List<Protocol> protocols = List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), new Mqtt3Protocol(1));
        for (Protocol from : protocols) {
            String topic = "faults-" + run + "-" + from.name();
            for (Protocol to : protocols) {
                subscribe(atLeastOnce, to, topic);
            }
            loops.add(new PublishLoop(server, from, topic, atLeastOnce));
        }
        Protocol exact = new Mqtt3Protocol(2);
        String topic = "faults-" + run + "-exact";
        subscribe(exactlyOnce, exact, topic);
        loops.add(new PublishLoop(server, exact, topic, exactlyOnce));
        loops.forEach(PublishLoop::start);
    }

    /** Waits until every publisher has so many more acknowledgements than now. */
    void awaitProgress(long messages, Duration patience) throws InterruptedException {
        List<Long> goals =
                loops.stream().map(loop -> loop.acknowledged() + messages).toList();
        for (int i = 0; i < goals.size(); i++) {
            PublishLoop loop = loops.get(i);
            long goal = goals.get(i);
            if (!Pause.until(patience, () -> loop.acknowledged() >= goal)) {
                throw new IllegalStateException(loop.stream() + " made no progress within " + patience);
            }
        }
    }

    /** Stops the publishers and waits until every subscriber has everything, or the time is over. */
    void drain(Duration patience) throws InterruptedException {
        for (PublishLoop loop : loops) {
            loop.stop();
        }
        boolean complete = Pause.until(patience, () -> atLeastOnce.complete() && exactlyOnce.complete());
        if (!complete) {
            System.out.println("  not complete after " + patience);
        }
    }

    /** Messages acknowledged so far. */
    long acknowledged() {
        return atLeastOnce.acknowledged() + exactlyOnce.acknowledged();
    }

    /** The judgement over everything that may come more than once. */
    Verdict atLeastOnce() {
        return atLeastOnce.judge();
    }

    /** The judgement over QoS 2. */
    Verdict exactlyOnce() {
        return exactlyOnce.judge();
    }

    @Override
    public void close() {
        for (Subscriber subscriber : subscribers) {
            try {
                subscriber.close();
            } catch (RuntimeException e) {
                System.err.println("closing a subscriber: " + e);
            }
        }
    }

    private void subscribe(Ledger ledger, Protocol to, String topic) throws Exception {
        String identity = topic + "-to-" + to.name();
        ledger.subscribes(identity, Set.of(topic));
        subscribers.add(to.subscriber(server, identity, topic, message -> ledger.received(identity, message.body())));
    }
}
