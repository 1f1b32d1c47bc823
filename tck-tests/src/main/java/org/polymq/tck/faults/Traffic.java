/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt3Protocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.Endpoints;

/**
 * All three protocols publishing at once, each topic read by a durable subscriber of every protocol, and beside them
 * MQTT QoS 2 from end to end and JMS transactions with a ledger of their own, since there nothing may come twice. Used
 * by one thread.
 */
final class Traffic implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);

    private final Endpoints server;
    private final String run;
    private final boolean alone;
    private final Duration rest;
    private final Ledger atLeastOnce = new Ledger();
    private final Ledger exactlyOnce = new Ledger();
    /** Of RocketMQ sends that leave the queue to the client. */
    private final Ledger anyOrder = new Ledger();

    private final List<PublishLoop> loops = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    /** One of each topic's. */
    private final Map<String, String> readers = new HashMap<>();

    private final Transactions transactions;

    /** For a running server; {@code run} keeps the names of different runs apart. */
    Traffic(Endpoints server, String run) {
        this(server, run, true, Duration.ZERO);
    }

    /** For a cluster, as fast as it answers. */
    static Traffic ofCluster(Endpoints server, String run) {
        return ofCluster(server, run, Duration.ZERO);
    }

    /** For a cluster, with a rest of each publisher between an acknowledgement and its next message. */
    static Traffic ofCluster(Endpoints server, String run, Duration rest) {
        return new Traffic(server, run, false, rest);
    }

    /**
     * For a running server, or a cluster of them.
     *
     * @param alone false for a cluster: there a refusal does not say that nothing was stored, since the lead may change
     *     meanwhile, and MQTT's clients keep what is published while they find another node
     * @param rest of each publisher between an acknowledgement and its next message
     */
    private Traffic(Endpoints server, String run, boolean alone, Duration rest) {
        this.server = server;
        this.run = run;
        this.alone = alone;
        this.rest = rest;
        this.transactions = new Transactions(server, "faults-" + run + "-transactions", exactlyOnce, rest);
    }

    /** Subscribes everybody, then starts the publishers. */
    void start() throws Exception {
        List<Protocol> protocols = List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), mqtt3(1), mqtt5(1));
        for (Protocol from : protocols) {
            String topic = "faults-" + run + "-" + from.name();
            for (Protocol to : protocols) {
                subscribe(atLeastOnce, to, topic);
            }
            loops.add(new PublishLoop(server, from, topic, atLeastOnce, alone, rest));
        }
        for (Protocol exact : List.of(mqtt3(2), mqtt5(2))) {
            one(exact, exactlyOnce);
        }
        if (!alone) {
            one(RocketMqVersion.V5.unordered(), anyOrder);
            one(RocketMqVersion.V5.polling(), atLeastOnce);
        }
        transactions.start();
        loops.forEach(PublishLoop::start);
    }

    /** A publisher and a subscriber of one kind with a topic of their own. */
    private void one(Protocol protocol, Ledger ledger) throws Exception {
        String topic = "faults-" + run + "-" + protocol.name();
        subscribe(ledger, protocol, topic);
        loops.add(new PublishLoop(server, protocol, topic, ledger, alone, rest));
    }

    private Protocol mqtt3(int qos) {
        return alone ? new Mqtt3Protocol(qos) : Mqtt3Protocol.keeping(qos);
    }

    private Protocol mqtt5(int qos) {
        return alone ? Mqtt5Protocol.topics(qos) : Mqtt5Protocol.keeping(qos);
    }

    /**
     * Waits until every publisher has so many more acknowledgements than now.
     *
     * @return in words, the last one and how long it took
     * @throws IllegalStateException naming who has not, when the time is over
     */
    String awaitProgress(long messages, Duration patience) throws InterruptedException {
        Map<String, LongSupplier> waiting = new TreeMap<>();
        for (PublishLoop loop : loops) {
            waiting.put(loop.stream(), missing(loop::acknowledged, messages));
        }
        waiting.put("transactions", missing(transactions::committed, messages));
        waiting.put("moves", missing(transactions::moved, messages));
        long began = System.nanoTime();
        while (true) {
            String slowest = waiting.keySet().iterator().next();
            waiting.values().removeIf(missing -> missing.getAsLong() <= 0);
            if (waiting.isEmpty()) {
                return slowest + " after " + (System.nanoTime() - began) / 1_000_000 + " ms";
            }
            if (System.nanoTime() - began > patience.toNanos()) {
                throw new IllegalStateException("no progress within " + patience + " of " + waiting.keySet());
            }
            Pause.of(POLL);
        }
    }

    private static LongSupplier missing(LongSupplier count, long more) {
        long goal = count.getAsLong() + more;
        return () -> goal - count.getAsLong();
    }

    /** Stops the publishers and waits until every subscriber has everything, or the time is over. */
    void drain(Duration patience) throws InterruptedException {
        for (PublishLoop loop : loops) {
            loop.stop();
        }
        transactions.finish(patience);
        boolean complete =
                Pause.until(patience, () -> atLeastOnce.complete() && exactlyOnce.complete() && anyOrder.complete());
        if (!complete) {
            System.out.println("  not complete after " + patience);
        }
    }

    /** The longest time between two acknowledgements of each publisher since a moment, ms, by stream. */
    Map<String, Long> longestGaps(long moment) {
        Map<String, Long> gaps = new TreeMap<>();
        loops.forEach(loop -> gaps.put(loop.stream(), loop.longestGap(moment)));
        return gaps;
    }

    /** Sends so far that each publisher's client ended without an acknowledgement, in words, by stream. */
    Map<String, String> failedSends() {
        Map<String, String> failed = new TreeMap<>();
        loops.forEach(loop -> failed.put(loop.stream(), loop.failures()));
        return failed;
    }

    /** How many sends of all clients failed for good; to be asked when everything that was stored has arrived. */
    long failedCount() {
        return loops.stream()
                .mapToLong(loop -> loop.failed(readers.getOrDefault(loop.stream(), "")))
                .sum();
    }

    /** Messages acknowledged so far. */
    long acknowledged() {
        return atLeastOnce.acknowledged() + exactlyOnce.acknowledged() + anyOrder.acknowledged();
    }

    /** The judgement over everything that may come more than once. */
    Verdict atLeastOnce() {
        return atLeastOnce.judge().and(anyOrder.judge().inAnyOrder());
    }

    /** The judgement over QoS 2 and transactions. */
    Verdict exactlyOnce() {
        return exactlyOnce.judge();
    }

    /** What is torn, in words. */
    List<String> failures() {
        return transactions.torn();
    }

    @Override
    public void close() {
        loops.forEach(PublishLoop::halt);
        transactions.close();
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
        readers.put(topic, identity);
        subscribers.add(to.subscriber(server, identity, topic, message -> ledger.received(identity, message.body())));
    }
}
