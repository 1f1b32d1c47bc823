/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt3Protocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;

/** Messages above 4 MB go through JMS and MQTT in pieces; the server never holds one whole. */
@SuppressWarnings("try") // what is opened works while it is open
class LargeMessagesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MIB = 1 << 20;
    /** Of the server, whose heap is 256 MB. */
    private static final long MOST_MEMORY_KB = 600L << 10;

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    @Test
    void largeBodiesPassBetweenJmsAndMqttWhole() throws Exception {
        List<Protocol> protocols = List.of(JmsProtocol.topics(), new Mqtt3Protocol(1), Mqtt5Protocol.topics(2));
        int[] sizes = Tier.isFull() ? new int[] {5 * MIB, 17 * MIB + 3, 64 * MIB} : new int[] {5 * MIB, 33 * MIB + 3};
        for (Protocol from : protocols) {
            for (Protocol to : protocols) {
                assertPasses(from, to, sizes);
            }
        }
        assertThat(memoryInUse()).isLessThan(MOST_MEMORY_KB);
    }

    @Test
    void aLargeMessageKeepsItsPlaceAmongSmallOnes() throws Exception {
        assertPasses(Mqtt5Protocol.topics(1), JmsProtocol.topics(), 10, 6 * MIB, 20, 5 * MIB, 30);
        assertPasses(JmsProtocol.queues(), JmsProtocol.queues(), 10, 6 * MIB, 20, 5 * MIB, 30);
    }

    @Test
    void areSkippedForNativeConsumersAndListed() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        try (Publisher publisher = JmsProtocol.topics().publisher(SERVER.at(), "to-native", "skipped")) {
            publisher.publish(Outgoing.of(bytes(1)));
            try (Subscriber subscriber = RocketMqVersion.V5
                    .protocol()
                    .subscriber(SERVER.at(), "native-reader", "skipped", each -> received.add(hash(each.body())))) {
                publisher.publish(Outgoing.of(bytes(2)));
                publisher.publish(Outgoing.of(bytes(5 * MIB)));
                publisher.publish(Outgoing.of(bytes(3)));

                List<String> small = new ArrayList<>();
                while (!small.contains(hash(bytes(2))) || !small.contains(hash(bytes(3)))) {
                    small.add(next(received));
                }
                assertThat(small).doesNotContain(hash(bytes(5 * MIB)));
            }
        }
        assertThat(SERVER.process().log()).contains("is skipped for");
    }

    private static void assertPasses(Protocol from, Protocol to, int... sizes) throws Exception {
        String topic = "large-" + from.name() + "-" + to.name();
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        try (Subscriber subscriber =
                        to.subscriber(SERVER.at(), "to-" + topic, topic, each -> received.add(hash(each.body())));
                Publisher publisher = from.publisher(SERVER.at(), "from-" + topic, topic)) {
            for (int size : sizes) {
                publisher.publish(Outgoing.of(bytes(size)).withPath("path").withGroupKey("one"));
            }
            for (int size : sizes) {
                assertThat(next(received)).as("%s of %d bytes", topic, size).isEqualTo(hash(bytes(size)));
            }
        }
    }

    private static String next(BlockingQueue<String> received) throws InterruptedException {
        String next = received.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(next).as("a message within " + PATIENCE).isNotNull();
        return next;
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static long memoryInUse() throws Exception {
        Path status = Path.of("/proc", Long.toString(SERVER.process().pid()), "status");
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no RssAnon in " + status);
    }
}
