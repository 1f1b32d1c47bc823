/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/**
 * Segments are cleaned while clients publish and the process is killed: durable subscriptions that are away the whole
 * time hold a small part of what is stored, and find it complete and in order when they come back.
 */
@SuppressWarnings("try") // subscribers work while they are open
public final class CleanedUnderLoad {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int FILLER = 32 << 10;
    /** How a segment's file begins that was cleaned. */
    private static final int CLEANED = 0x504d5143;

    private CleanedUnderLoad() {}

    /**
     * Runs on an empty directory.
     *
     * @param kills how often the process is killed
     */
    public static Outcome run(Path directory, Random random, int kills) throws Exception {
        List<Protocol> protocols =
                List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), Mqtt5Protocol.topics(1));
        List<Protocol> readers = List.of(JmsProtocol.topics(), Mqtt5Protocol.topics(1));
        Ledger ledger = new Ledger();
        List<String> failures = new ArrayList<>();
        try (BrokerProcess server = BrokerProcess.in(directory)
                .onFixedPorts()
                .with("storage.segment-size", "1MB")
                .with("limits.message-size", "256KB")
                .with("limits.mqtt-packet-size", "256KB")
                .with("storage.retention", "1s")
                .with("mqtt.retention", "1s")) {
            Endpoints at = server.start();
            subscribeEach(at, protocols, readers, ledger).forEach(Subscriber::close); // from here on it is kept
            List<PublishLoop> loops = protocols.stream()
                    .map(from -> new PublishLoop(at, new Slow(from), topic(from), ledger))
                    .toList();
            Loop filler = filler(at, random);
            filler.start();
            loops.forEach(PublishLoop::start);
            int cleaned = 0;
            for (int kill = 1; kill <= kills; kill++) {
                int before = cleaned(server);
                if (!Pause.until(PATIENCE, () -> cleaned(server) > before)) {
                    failures.add("no segment was cleaned within " + PATIENCE);
                }
                Pause.of(Duration.ofMillis(random.nextInt(1_500)));
                server.kill();
                cleaned = Math.max(cleaned, cleaned(server));
                server.start();
            }
            for (PublishLoop loop : loops) {
                loop.stop();
            }
            filler.stop();
            System.out.printf(
                    "  %d kills, up to %d cleaned segments at once, %d acknowledged%n",
                    kills, cleaned, ledger.acknowledged());

            List<Subscriber> subscribers = subscribeEach(at, protocols, readers, ledger);
            try {
                Pause.until(PATIENCE, ledger::complete);
            } finally {
                subscribers.forEach(Subscriber::close);
            }
        }
        return new Outcome(ledger.judge(), Verdict.none(), failures);
    }

    private static List<Subscriber> subscribeEach(
            Endpoints at, List<Protocol> protocols, List<Protocol> readers, Ledger ledger) throws Exception {
        List<Subscriber> subscribers = new ArrayList<>();
        for (Protocol from : protocols) {
            for (Protocol to : readers) {
                String identity = topic(from) + "-to-" + to.name();
                ledger.subscribes(identity, Set.of(topic(from)));
                subscribers.add(
                        to.subscriber(at, identity, topic(from), message -> ledger.received(identity, message.body())));
            }
        }
        return subscribers;
    }

    /** Publishes so slowly that little of each segment is live. */
    private record Slow(Protocol protocol) implements Protocol {
        @Override
        public String name() {
            return protocol.name();
        }

        @Override
        public boolean reconnects() {
            return protocol.reconnects();
        }

        @Override
        public Publisher publisher(Endpoints server, String identity, String topic) throws Exception {
            Publisher publisher = protocol.publisher(server, identity, topic);
            return new Publisher() {
                @Override
                public void publish(Outgoing message) throws Exception {
                    Pause.of(Duration.ofMillis(20));
                    publisher.publish(message);
                }

                @Override
                public void close() {
                    publisher.close();
                }
            };
        }

        @Override
        public Subscriber subscriber(Endpoints server, String identity, String topic, Consumer<Incoming> sink)
                throws Exception {
            return protocol.subscriber(server, identity, topic, sink);
        }
    }

    private static String topic(Protocol from) {
        return "sparse-" + from.name();
    }

    /** Stores what nobody subscribes to, so that most of every segment is dead soon. */
    private static Loop filler(Endpoints at, Random random) {
        byte[] body = new byte[FILLER];
        random.nextBytes(body);
        AtomicReference<@Nullable Publisher> publisher = new AtomicReference<>();
        return new Loop(
                "fills segments",
                () -> {
                    try {
                        Publisher open = publisher.get();
                        if (open == null) {
                            open = RocketMqVersion.V5.protocol().publisher(at, "filler", "filler");
                            publisher.set(open);
                        }
                        open.publish(Outgoing.of(body));
                    } catch (InterruptedException e) {
                        throw e;
                    } catch (Exception whileDown) {
                        Pause.of(Duration.ofMillis(100));
                    }
                    Pause.of(Duration.ofMillis(5));
                },
                () -> {
                    Publisher open = publisher.get();
                    if (open != null) {
                        open.close();
                    }
                });
    }

    private static int cleaned(BrokerProcess server) {
        int cleaned = 0;
        try (Stream<Path> files = Files.list(server.data())) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".segment")).toList()) {
                try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
                    cleaned += in.readInt() == CLEANED ? 1 : 0;
                } catch (NoSuchFileException | EOFException changing) {
                    // It was removed or made just now.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cleaned;
    }
}
