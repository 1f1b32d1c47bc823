/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.BrokerProcess.Refusal;

/** What {@code bin/polymq start} refuses, and how it stops. */
@SuppressWarnings("try") // what is opened works while it is open
class StartRulesIT {
    @Test
    void aSecondStartOnTheSameDirectorySaysWhoHoldsIt(@TempDir Path directory) throws Exception {
        try (BrokerProcess first = BrokerProcess.in(directory);
                BrokerProcess second = BrokerProcess.in(directory)) {
            first.start();

            Refusal refusal = second.startRefused();

            assertThat(refusal.exitCode()).isNotZero();
            assertThat(refusal.said())
                    .contains(Long.toString(first.pid()))
                    .contains(first.data().toString());
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void anUnknownKeyNamesTheNearestKnownOne(@TempDir Path directory) throws Exception {
        try (BrokerProcess server = BrokerProcess.in(directory).with("storage.flsh", "sync")) {
            Refusal refusal = server.startRefused();

            assertThat(refusal.exitCode()).isNotZero();
            assertThat(refusal.said()).contains("storage.flsh").contains("storage.flush");
        }
    }

    @Test
    void anAddressThatOthersCanReachIsRefusedWithoutSecurity(@TempDir Path directory) throws Exception {
        try (BrokerProcess server = BrokerProcess.in(directory).with("bind", "0.0.0.0")) {
            Refusal refusal = server.startRefused();

            assertThat(refusal.exitCode()).isNotZero();
            assertThat(refusal.said()).contains("security.");
        }
    }

    @Test
    void sigtermStopsCleanlyAndEverythingIsThereAfterwards(@TempDir Path directory) throws Exception {
        Mqtt5Protocol mqtt = Mqtt5Protocol.topics(1);
        java.util.Queue<Incoming> received = new java.util.concurrent.ConcurrentLinkedQueue<>();
        try (BrokerProcess server = BrokerProcess.in(directory)) {
            server.start();
            mqtt.subscriber(server.endpoints(), "keeper", "stop", received::add).close();
            try (Publisher publisher = mqtt.publisher(server.endpoints(), "publisher", "stop")) {
                publisher.publish(Outgoing.of(new byte[] {1, 2, 3}));
            }

            assertThat(server.stop()).isIn(0, 143);
            server.start();

            try (Subscriber keeper = mqtt.subscriber(server.endpoints(), "keeper", "stop", received::add)) {
                org.awaitility.Awaitility.await().until(() -> !received.isEmpty());
            }
            assertThat(received)
                    .singleElement()
                    .satisfies(message -> assertThat(message.body()).containsExactly(1, 2, 3));
        }
    }
}
