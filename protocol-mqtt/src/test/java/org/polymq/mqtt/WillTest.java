/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wills over the end of the broker, byte by byte: MQTT 5, 3.1.2.5 and 3.1.3.2. */
class WillTest {
    @TempDir
    Path directory;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory.resolve("data"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Goes on with a copy of what is on the disk while the broker runs: what a killed one leaves. */
    private void goOnWithACopy(String name) throws IOException {
        Path from = directory.resolve("data");
        Path to = directory.resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(each -> !each.endsWith("lock") && !each.endsWith("holder"))
                    .toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        server.close();
        server = new TestServer(to);
    }

    private static String connectWithWill(String clientId, long expiry, long delay, int qos, String topic) {
        return packet(
                "10",
                text("MQTT"),
                "05",
                u8(0x06 | qos << 3),
                "003c",
                properties(expiry == 0 ? "" : sessionExpiry(expiry)),
                text(clientId),
                properties(delay == 0 ? "" : "18" + u32(delay), "26" + text("a") + text("b"), "03" + text("x/y")),
                text(topic),
                text("bye"));
    }

    /** The will as a 5.0 subscriber with QoS 1 gets it. */
    private static String will(String topic, int packetId) {
        return publish5(2, topic, packetId, "bye", "03" + text("x/y"), "26" + text("a") + text("b"));
    }

    private RawClient connected(String connect) throws IOException {
        RawClient client = new RawClient(server.port()).send(connect);
        assertThat(client.packet()).startsWith("20").contains("00");
        return client;
    }

    private RawClient watcher(String filter) throws IOException {
        RawClient client = connected(connect5("watcher", false, sessionExpiry(1000)));
        client.send(subscribe5(1, filter, 1)).expect("90040001" + "0001");
        return client;
    }

    private RawClient watcherAgain() throws IOException {
        return connected(connect5("watcher", false, sessionExpiry(1000)));
    }

    @Test
    void publishesTheWillOfAClientThatWasConnectedWhenTheBrokerWasKilled() throws IOException {
        watcher("w/#").close();
        RawClient client = connected(connectWithWill("c", 0, 0, 1, "w/c"));

        goOnWithACopy("after");

        client.close();
        try (RawClient watcher = watcherAgain()) {
            watcher.expect(will("w/c", 1)).send(puback(1)).send(PING).expect(PONG);
        }
    }

    @Test
    void publishesItOnceHoweverOftenTheBrokerIsKilled() throws IOException {
        watcher("w/#").close();
        RawClient client = connected(connectWithWill("c", 0, 0, 1, "w/c"));
        goOnWithACopy("after");
        client.close();
        try (RawClient watcher = watcherAgain()) {
            watcher.expect(will("w/c", 1)).send(puback(1)).send(PING).expect(PONG);
        }

        server.close();
        server = new TestServer(directory.resolve("after"));

        try (RawClient watcher = watcherAgain()) {
            // One more will, of another client, comes behind whatever the first one left.
            connected(connectWithWill("d", 0, 0, 1, "w/d")).drop();
            watcher.expect(will("w/d", 1)).send(puback(1)).send(PING).expect(PONG);
        }
    }

    @Test
    void forgetsTheWillOfAClientThatSaidGoodbye() throws IOException {
        watcher("w/#").close();
        connected(connectWithWill("c", 0, 0, 1, "w/c")).send(DISCONNECT).expectClosed();

        goOnWithACopy("after");

        try (RawClient watcher = watcherAgain()) {
            connected(connectWithWill("d", 0, 0, 1, "w/d")).drop();
            watcher.expect(will("w/d", 1));
        }
    }

    @Test
    void keepsTheDelayOverARestartAndForgetsTheWillWhenTheSessionGoesOn() throws IOException {
        watcher("w/#").close();
        connected(connectWithWill("c", 1000, 500, 1, "w/c")).drop();
        connected(connectWithWill("d", 1000, 500, 1, "w/d")).drop();
        server.close();
        start();

        try (RawClient watcher = watcherAgain();
                RawClient goesOn = connected(connect5("c", false, sessionExpiry(1000)));
                RawClient beginsAnew = connected(connect5("d", true))) {
            watcher.expect(will("w/d", 1)).send(PING).expect(PONG);
            goesOn.send(PING).expect(PONG);
            beginsAnew.send(PING).expect(PONG);
        }
    }

    @Test
    void publishesWhenTheSessionEndsBeforeTheDelayDoes() throws IOException {
        try (RawClient watcher = watcher("w/#")) {
            RawClient client = connected(connectWithWill("c", 1000, 500, 1, "w/c"));
            // DISCONNECT with will, and the session ends with it.
            client.send("e0 07 04 05 11 00000000");

            watcher.expect(will("w/c", 1));
        }
    }
}
