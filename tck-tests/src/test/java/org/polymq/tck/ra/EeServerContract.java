/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What holds in every Jakarta EE server: a message-driven bean, a sender and a database, in transactions that commit or
 * roll back together. Takes minutes and needs the server's zip.
 */
abstract class EeServerContract {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private EeBroker broker;
    private EeServer server;

    abstract EeServer server(Path directory, String broker) throws Exception;

    /** Where the factory sends that the application defines. */
    EeBroker brokerOfDefinitions() {
        return broker;
    }

    @BeforeEach
    void start() throws Exception {
        broker = new EeBroker(directory.resolve("broker"));
        broker.start();
        server = server(Files.createDirectories(directory.resolve("server")), broker.url());
        server.install();
        server.awaitApplication();
        told("create", "");
    }

    @AfterEach
    void stop() {
        if (server != null) { // it is not when the broker did not start
            server.close();
        }
        broker.close();
    }

    /** All in one server's life, because its start takes longer than all else. */
    @Test
    void messagesAndRowsAreOneTransaction() throws Exception {
        told("commit", "committed");
        told("rollback", "rolled back");
        told("outside", "without transaction");
        assertThat(broker.drain("ee.sent", 2)).containsExactly("committed", "without transaction");
        assertThat(written()).containsExactly("committed");

        broker.send("ee.in", "first", "fails once", "last");
        assertThat(broker.drain("ee.out", 3)).containsExactlyInAnyOrder("first", "fails once", "last");
        assertThat(written()).containsExactlyInAnyOrder("committed", "first", "fails once", "last");

        useNames();

        broker.kill();
        broker.start();
        broker.send("ee.in", "after a restart");
        assertThat(broker.drain("ee.out", 1)).containsExactly("after a restart");

        recover();
    }

    /** What applications define and what beans look up. */
    void useNames() throws Exception {
        told("defined", "of the application's own resources");
        assertThat(brokerOfDefinitions().drain("ee.defined", 1)).containsExactly("of the application's own resources");
        readsWhatItLooksUp();
    }

    /** A bean that names topic and factory by JNDI: the factory's client id is taken by the bean then. */
    private void readsWhatItLooksUp() {
        await().atMost(EeServer.PATIENCE).until(() -> broker.hasClient("ee-reader"));
        broker.publish("ee.news", "news");
        assertThat(broker.drain("ee.read", 1)).containsExactly("news");
    }

    /** What more the server is asked for. */
    void recover() throws Exception {}

    /** With the decision logged the message and the row have to be there, without it neither. */
    final void recoverWhatWasPrepared() throws Exception {
        recoverWhatWasDecided();

        killBoth(broker, Map.of("do", "stop", "at", "prepare", "text", "undecided"));
        assertThat(broker.drain("ee.sent", 0)).isEmpty();
        assertThat(written()).doesNotContain("undecided");
        theBeanIsThereAgain("after the second kill");
    }

    final void recoverWhatWasDecided() throws Exception {
        killBoth(broker, Map.of("do", "stop", "at", "commit", "text", "decided"));
        assertThat(broker.drain("ee.sent", 1)).containsExactly("decided");
        // The database may have to be told later than the broker.
        await().atMost(EeServer.PATIENCE)
                .untilAsserted(() -> assertThat(written()).contains("decided"));
        theBeanIsThereAgain("after the first kill");
    }

    /** The same of a factory that the application defines. */
    final void recoverWhatADefinedFactorySent() throws Exception {
        EeBroker other = brokerOfDefinitions();
        killBoth(other, Map.of("do", "stop with defined", "at", "commit", "text", "decided too"));
        assertThat(other.drain("ee.defined", 1)).containsExactly("decided too");
    }

    private void theBeanIsThereAgain(String text) {
        broker.send("ee.in", text);
        assertThat(broker.drain("ee.out", 1)).containsExactly(text);
    }

    private void told(String what, String text) throws IOException {
        assertThat(server.control(Map.of("do", what, "text", text))).contains("OK");
    }

    private List<String> written() throws IOException {
        List<String> lines = server.control(Map.of("do", "written"));
        assertThat(lines).contains("OK");
        return lines.subList(0, lines.size() - 1);
    }

    /** Kills both while the transaction manager asks or tells another resource, and waits for recovery. */
    private void killBoth(EeBroker killed, Map<String, String> request) throws Exception {
        Path mark = Files.createTempDirectory(directory, "stopped").resolve("mark");
        Map<String, String> marked = new HashMap<>(request);
        marked.put("mark", mark.toString());
        server.begin(marked);
        await().atMost(EeServer.PATIENCE).until(() -> Files.exists(mark));
        assertThat(killed.prepared()).isEqualTo(1);
        server.kill();
        killed.kill();

        killed.start();
        assertThat(killed.prepared()).isEqualTo(1);
        server.launch();
        server.awaitApplication();
        await().atMost(EeServer.PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> killed.prepared() == 0);
    }
}
