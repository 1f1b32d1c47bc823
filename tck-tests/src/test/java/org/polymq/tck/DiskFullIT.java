/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RefusedException;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/** On a full disk sends are refused, reads and acknowledgements go on, and sends resume when there is room again. */
@SuppressWarnings("try") // what is opened works while it is open
class DiskFullIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int BODY = 64 << 10;

    @Test
    void refusesSendsServesReadsAndResumes(@TempDir Path directory) throws Exception {
        Path mounted = Files.createDirectory(directory.resolve("small"));
        assumeTrue(mount(mounted, "size=96m"), "a tmpfs cannot be mounted here, so no disk can be filled");
        try (BrokerProcess server =
                BrokerProcess.in(mounted).with("storage.segment-size", "8MB").with("storage.full-below", "4MB")) {
            // What RocketMQ's consumers have not read yet would go first to make room.
            server.with("storage.clean-below", "0B");
            server.start();
            refusedAndResumed(server, mounted);
        } finally {
            run("umount", "-l", mounted.toString());
        }
    }

    private static void refusedAndResumed(BrokerProcess server, Path mounted) throws Exception {
        Endpoints at = server.endpoints();
        List<Protocol> protocols =
                List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), Mqtt5Protocol.topics(1));
        Ledger ledger = new Ledger();
        List<Publisher> publishers = new ArrayList<>();
        for (Protocol protocol : protocols) {
            String topic = topic(protocol);
            ledger.subscribes(topic, Set.of(topic));
            subscriber(protocol, at, ledger).close(); // durable: what follows is kept for it
            publishers.add(protocol.publisher(at, topic + "-writer", topic));
        }
        Path ballast = mounted.resolve("ballast");
        Files.write(ballast, new byte[24 << 20]);

        for (int i = 0; i < protocols.size(); i++) {
            fillUntilRefused(publishers.get(i), topic(protocols.get(i)), ledger);
        }
        // Reading and acknowledging need no room for messages.
        for (Protocol protocol : protocols) {
            try (Subscriber reader = subscriber(protocol, at, ledger)) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(ledger.judge().examples())
                                .noneMatch(example -> example.startsWith(topic(protocol))));
            }
        }
        Files.delete(ballast);
        for (int i = 0; i < protocols.size(); i++) {
            Publisher publisher = publishers.get(i);
            String topic = topic(protocols.get(i));
            await().atMost(PATIENCE).until(() -> publish(publisher, topic, ledger));
            publisher.close();
        }

        for (Protocol protocol : protocols) {
            try (Subscriber reader = subscriber(protocol, at, ledger)) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(ledger.judge().examples())
                                .noneMatch(example -> example.startsWith(topic(protocol))));
            }
        }
        Verdict verdict = ledger.judge();
        assertThat(verdict.atLeastOnce())
                .as("%s %s", verdict, verdict.examples())
                .isTrue();
        assertThat(verdict.doubled())
                .as("acknowledged on a full disk and delivered again")
                .isZero();
        assertThat(server.isAlive()).isTrue();
    }

    private static void fillUntilRefused(Publisher publisher, String topic, Ledger ledger) throws Exception {
        int stored = 0;
        while (publish(publisher, topic, ledger)) {
            stored++;
            assertThat(stored).as("messages of 64 KB stored on a disk of 96 MB").isLessThan(2_000);
        }
    }

    /** Whether it was stored; a refusal must be the protocol's own. */
    private static boolean publish(Publisher publisher, String topic, Ledger ledger) throws Exception {
        Stamp stamp = ledger.next(topic);
        try {
            publisher.publish(Outgoing.of(stamp.body(BODY)).withGroupKey("k"));
            ledger.acknowledged(stamp);
            return true;
        } catch (RefusedException e) {
            ledger.refused(stamp, String.valueOf(e.getMessage()));
            return false;
        }
    }

    private static Subscriber subscriber(Protocol protocol, Endpoints at, Ledger ledger) throws Exception {
        String topic = topic(protocol);
        return protocol.subscriber(at, topic + "-reader", topic, incoming -> ledger.received(topic, incoming.body()));
    }

    private static String topic(Protocol protocol) {
        return "full-" + protocol.name();
    }

    private static boolean mount(Path at, String options) throws IOException, InterruptedException {
        return Files.exists(Path.of("/proc/mounts"))
                && run("mount", "-t", "tmpfs", "-o", options, "tmpfs", at.toString());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false; // no such command
        }
    }
}
