/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/**
 * Kills the process and damages the end of the newest segment from the first byte on that was never acknowledged. To
 * know that byte, the last thing published is a marker at QoS 0. Everything acknowledged before it must still be there.
 */
public final class DamagedTail {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MARKER_BYTES = 4_096;

    private DamagedTail() {}

    /**
     * Runs a number of rounds on one data directory.
     *
     * @param directory an empty one
     */
    public static Outcome run(Path directory, Random random, int rounds) throws Exception {
        Outcome outcome = Outcome.none();
        try (BrokerProcess server = BrokerProcess.in(directory).onFixedPorts()) {
            server.start();
            for (int round = 1; round <= rounds; round++) {
                outcome = outcome.and(round(server, random, round));
            }
        }
        return outcome;
    }

    private static Outcome round(BrokerProcess server, Random random, int round) throws Exception {
        Endpoints at = server.endpoints();
        List<Protocol> protocols =
                List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), Mqtt5Protocol.topics(1));
        Ledger ledger = new Ledger();
        subscribeEach(at, protocols, ledger, round).forEach(Subscriber::close); // from here on it is kept for them
        publishAwhile(at, protocols, ledger, round, random.nextInt(20, 200));

        byte[] marker = new byte[MARKER_BYTES];
        random.nextBytes(marker);
        publishMarker(at, marker, round);
        long markerAt = awaitStored(server, marker);
        server.kill();
        String damage = damage(LogFile.newestIn(server.data()), random, markerAt);
        System.out.printf(
                "  round %d: %s; %s%n", round, damage, ledger.judge().acknowledged() + " acknowledged before");
        server.start();

        List<Subscriber> subscribers = subscribeEach(at, protocols, ledger, round);
        try {
            Pause.until(PATIENCE, ledger::complete);
        } finally {
            subscribers.forEach(Subscriber::close);
        }
        return new Outcome(ledger.judge(), org.polymq.tck.ledger.Verdict.none(), List.of());
    }

    private static List<Subscriber> subscribeEach(Endpoints at, List<Protocol> protocols, Ledger ledger, int round)
            throws Exception {
        List<Subscriber> subscribers = new ArrayList<>();
        for (Protocol from : protocols) {
            for (Protocol to : protocols) {
                String identity = topic(from, round) + "-to-" + to.name();
                ledger.subscribes(identity, Set.of(topic(from, round)));
                subscribers.add(to.subscriber(
                        at, identity, topic(from, round), message -> ledger.received(identity, message.body())));
            }
        }
        return subscribers;
    }

    private static void publishAwhile(Endpoints at, List<Protocol> protocols, Ledger ledger, int round, int messages)
            throws InterruptedException {
        List<PublishLoop> loops = protocols.stream()
                .map(from -> new PublishLoop(at, from, topic(from, round), ledger))
                .toList();
        loops.forEach(PublishLoop::start);
        for (PublishLoop loop : loops) {
            if (!Pause.until(PATIENCE, () -> loop.acknowledged() >= messages)) {
                throw new IllegalStateException(loop.stream() + " made no progress within " + PATIENCE);
            }
        }
        for (PublishLoop loop : loops) {
            loop.stop();
        }
    }

    private static void publishMarker(Endpoints at, byte[] marker, int round) throws Exception {
        String topic = "marker-" + round;
        Mqtt5Protocol.topics(1).subscriber(at, topic, topic, message -> {}).close(); // else QoS 0 is not stored
        try (Publisher publisher = Mqtt5Protocol.topics(0).publisher(at, topic + "-publisher", topic)) {
            publisher.publish(Outgoing.of(marker));
        }
    }

    private static long awaitStored(BrokerProcess server, byte[] marker) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            var found = LogFile.newestIn(server.data()).find(marker);
            if (found.isPresent()) {
                return found.getAsLong();
            }
            Pause.of(Duration.ofMillis(20));
        }
        throw new IllegalStateException("the marker never reached the newest segment");
    }

    private static String damage(LogFile file, Random random, long markerAt) throws Exception {
        long at = markerAt + random.nextInt(MARKER_BYTES);
        switch (random.nextInt(4)) {
            case 0 -> {
                file.truncate(at);
                return "cut at " + at;
            }
            case 1 -> {
                file.flip(at, random.nextInt(8));
                return "flipped a bit of " + at;
            }
            case 2 -> {
                file.write(at, new byte[2 * MARKER_BYTES]);
                return "zeroed from " + at;
            }
            default -> {
                byte[] noise = new byte[2 * MARKER_BYTES];
                random.nextBytes(noise);
                file.write(at, noise);
                return "noise from " + at;
            }
        }
    }

    private static String topic(Protocol from, int round) {
        return "tail-" + round + "-" + from.name();
    }
}
