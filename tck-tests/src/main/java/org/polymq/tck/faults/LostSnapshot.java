/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt3Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/**
 * Lets retention remove the first segments, then kills the process and deletes the newest snapshot: what was defined in
 * the removed segments (topics, committed offsets, sessions, retained messages) has to come from the older snapshot.
 */
@SuppressWarnings("try") // subscribers work while they are open
public final class LostSnapshot {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int RETAINED = 20;
    private static final int BEFORE = 50;
    private static final int AFTER = 50;
    private static final String TOPIC = "kept";
    private static final String WAITING_SESSION = "kept-session";

    private LostSnapshot() {}

    /** Runs once on an empty directory. */
    public static Outcome run(Path directory, Random random) throws Exception {
        List<Protocol> readers = List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), new Mqtt3Protocol(1));
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
            define(at, readers, ledger);
            String first = segments(server).get(0);
            fillWhile(server, random, () -> segments(server).size() < 4); // one may be made ahead
            retain(at); // not in the first segment, which they would keep
            fillWhile(server, random, () -> segments(server).contains(first));

            server.kill();
            String deleted = deleteNewestSnapshot(server);
            System.out.printf("  first segment %s gone, killed, deleted %s%n", first, deleted);
            server.start();

            failures.addAll(retainedOnes(at));
            if (!hasSession(at)) {
                failures.add("the session " + WAITING_SESSION + " is gone");
            }
            // Whoever had consumed everything goes on behind it: the old messages do not come again, the new ones come.
            List<Subscriber> subscribers = attach(at, readers, ledger);
            try {
                publish(at, ledger, AFTER);
                Pause.until(PATIENCE, ledger::complete);
            } finally {
                subscribers.forEach(Subscriber::close);
            }
        }
        return new Outcome(Verdict.none(), ledger.judge(), failures); // a lost position would show as doubles
    }

    private static void retain(Endpoints at) throws Exception {
        try (Publisher publisher = new Mqtt3Protocol(1).retainingPublisher(at, "retainer", "retained")) {
            for (int n = 0; n < RETAINED; n++) {
                publisher.publish(Outgoing.of(retainedBody(n)).withPath(Integer.toString(n)));
            }
        }
    }

    private static void define(Endpoints at, List<Protocol> readers, Ledger ledger) throws Exception {
        new Mqtt3Protocol(1)
                .subscriber(at, WAITING_SESSION, "nobody-publishes-here", message -> {})
                .close();
        List<Subscriber> subscribers = attach(at, readers, ledger);
        publish(at, ledger, BEFORE);
        if (!Pause.until(PATIENCE, ledger::complete)) {
            throw new IllegalStateException("not everything arrived before any fault: " + ledger.judge());
        }
        subscribers.forEach(Subscriber::close); // commits what was consumed
    }

    private static List<Subscriber> attach(Endpoints at, List<Protocol> readers, Ledger ledger) throws Exception {
        List<Subscriber> subscribers = new ArrayList<>();
        for (Protocol to : readers) {
            String identity = TOPIC + "-to-" + to.name();
            ledger.subscribes(identity, Set.of(TOPIC));
            subscribers.add(to.subscriber(at, identity, TOPIC, message -> ledger.received(identity, message.body())));
        }
        return subscribers;
    }

    private static void publish(Endpoints at, Ledger ledger, int messages) throws Exception {
        try (Publisher publisher = RocketMqVersion.V5.protocol().publisher(at, "kept-publisher", TOPIC)) {
            for (int n = 0; n < messages; n++) {
                Stamp stamp = ledger.next(TOPIC);
                publisher.publish(Outgoing.of(stamp.body(200)).withGroupKey("k"));
                ledger.acknowledged(stamp);
            }
        }
    }

    /** Something that may change while the server runs. */
    private interface State {
        boolean holds() throws IOException;
    }

    private static void fillWhile(BrokerProcess server, Random random, State state) throws Exception {
        byte[] filler = new byte[32 << 10];
        random.nextBytes(filler);
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (Publisher publisher = RocketMqVersion.V5.protocol().publisher(server.endpoints(), "filler", "filler")) {
            while (state.holds()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("retention of 1 s left the segments " + segments(server));
                }
                publisher.publish(Outgoing.of(filler));
            }
        }
    }

    private static List<String> retainedOnes(Endpoints at) throws Exception {
        Map<String, byte[]> found = new ConcurrentHashMap<>();
        try (Subscriber reader = new Mqtt3Protocol(1)
                .subscriber(
                        at,
                        "retained-reader",
                        "retained",
                        (Incoming message) -> found.put(message.topic(), message.body()))) {
            Pause.until(Duration.ofSeconds(20), () -> found.size() == RETAINED);
        }
        List<String> failures = new ArrayList<>();
        for (int n = 0; n < RETAINED; n++) {
            byte[] body = found.get("retained/" + n);
            if (body == null || !java.util.Arrays.equals(body, retainedBody(n))) {
                failures.add("the retained message of retained/" + n + " is " + (body == null ? "gone" : "another"));
            }
        }
        return failures;
    }

    private static boolean hasSession(Endpoints at) throws MqttException {
        try (MqttAsyncClient client =
                new MqttAsyncClient("tcp://" + at.mqtt(), WAITING_SESSION, new MemoryPersistence())) {
            MqttConnectOptions options = new MqttConnectOptions();
            options.setCleanSession(false);
            var token = client.connect(options);
            token.waitForCompletion(PATIENCE.toMillis());
            boolean present = token.getSessionPresent();
            client.disconnect().waitForCompletion(PATIENCE.toMillis());
            return present;
        }
    }

    private static byte[] retainedBody(int number) {
        return ("retained " + number).getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> segments(BrokerProcess server) throws IOException {
        return files(server, ".segment").stream()
                .map(path -> path.getFileName().toString())
                .toList();
    }

    private static String deleteNewestSnapshot(BrokerProcess server) throws IOException {
        List<Path> snapshots = files(server, ".snapshot");
        if (snapshots.size() < 2) {
            throw new IllegalStateException("there are not two snapshots: " + snapshots);
        }
        Path newest = snapshots.get(snapshots.size() - 1);
        Files.delete(newest);
        return newest.getFileName().toString();
    }

    private static List<Path> files(BrokerProcess server, String suffix) throws IOException {
        try (Stream<Path> listed = Files.list(server.data())) {
            return listed.filter(path -> path.getFileName().toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }
}
