/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;

/** What is said about the address that RocketMQ clients are told: the classic failure of RocketMQ's users. */
class DoctorTest {
    private static final boolean IN_CONTAINER = true;
    private static final boolean ON_A_HOST = false;
    /** For documentation, so nobody's. */
    private static final String NOBODYS = "192.0.2.1";

    private final Optional<Instant> running = Optional.of(Instant.now());

    @TempDir
    private Path data;

    @Test
    void connectsToTheAddressOfAServerThatRuns() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Finding found = advertised(running, ON_A_HOST, "native.port=" + server.getLocalPort());

            assertThat(found.grade()).isEqualTo(Finding.Grade.GOOD);
            assertThat(found.found()).contains("127.0.0.1").contains("is reached from here");
        }
    }

    @Test
    void findsAnAddressThatCannotBeReached() throws IOException {
        int closed;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = server.getLocalPort();
        }

        Finding found = advertised(running, ON_A_HOST, "native.port=" + closed);

        assertThat(found.grade()).isEqualTo(Finding.Grade.BAD);
        assertThat(found.found()).contains("port " + closed + " is not reached from here");
        assertThat(found.fix()).contains("set advertise");
    }

    @Test
    void warnsOfAnAddressThatIsNotOfThisMachine() {
        Finding found = advertised(Optional.empty(), ON_A_HOST, "advertise=" + NOBODYS);

        assertThat(found.grade()).isEqualTo(Finding.Grade.WARNING);
        assertThat(found.found()).contains(NOBODYS).contains("no address of this machine");
    }

    @Test
    void refusesLoopbackForClientsOfOtherMachines() {
        Finding found = advertised(running, ON_A_HOST, "advertise=127.0.0.1", "bind=0.0.0.0");

        assertThat(found.grade()).isEqualTo(Finding.Grade.BAD);
        assertThat(found.found()).contains("their own machine");
    }

    @Test
    void warnsOfAContainersOwnAddressUnlessItIsMeant() {
        assumeFalse(
                config("bind=0.0.0.0").remoting().advertise().isLoopbackAddress(),
                "this machine has no address but that of loopback");

        Finding inferred = advertised(running, IN_CONTAINER, "bind=0.0.0.0");
        Finding meant = advertised(Optional.empty(), IN_CONTAINER, "bind=0.0.0.0", "advertise=" + NOBODYS);

        assertThat(inferred.grade()).isEqualTo(Finding.Grade.WARNING);
        assertThat(inferred.found()).contains("this container's own address");
        assertThat(inferred.fix()).contains("address of the host");
        assertThat(meant.found()).doesNotContain("container");
    }

    private Finding advertised(Optional<Instant> serverTime, boolean inContainer, String... sets) {
        return new Doctor(config(sets), Clock.systemUTC(), serverTime, inContainer)
                .look().stream()
                        .filter(each -> each.what().equals("advertised address"))
                        .findFirst()
                        .orElseThrow();
    }

    private ServerConfig config(String... sets) {
        List<String> all = new ArrayList<>(List.of(
                "data=" + data,
                "security.enabled=true",
                "security.allow-plaintext=true",
                "nameserver.port=0",
                "mqtt.port=0",
                "mqtt.websocket-port=0",
                "dashboard.port=0"));
        all.addAll(List.of(sets));
        return ServerConfig.load(null, Map.of(), all);
    }
}
