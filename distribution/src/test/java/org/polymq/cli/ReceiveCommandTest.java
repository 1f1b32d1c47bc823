/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;
import org.polymq.server.Server;

/** {@code polymq message receive} at a whole server. */
class ReceiveCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Server server;
    private String url;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        List<String> settings = Stream.concat(Stream.of("data=" + directory), Stream.of(WarmUpCommand.FREE_PORTS))
                .toList();
        server = Server.open(ServerConfig.load(null, Map.of(), settings));
        url = "http://127.0.0.1:"
                + server.lines().stream()
                        .filter(line -> line.name().equals("dashboard"))
                        .findFirst()
                        .orElseThrow()
                        .address()
                        .getPort();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void printsMessagesUntilThereAreEnough() throws Exception {
        CompletableFuture<Integer> receiving =
                CompletableFuture.supplyAsync(() -> run(out, "message", "receive", "rooms/+/light", "--count", "2"));
        await().atMost(Duration.ofSeconds(30)).until(() -> err.toString().contains("listening"));

        for (String text : List.of("on", "off\t")) {
            assertThat(run(new StringWriter(), "message", "send", "rooms/1/light", text))
                    .isZero();
        }

        assertThat(receiving.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString().lines()).containsExactly("rooms/1/light  on", "rooms/1/light  off\\u0009");
    }

    @Test
    void saysThatTimeWasUp() {
        assertThat(run(out, "message", "receive", "silent", "--count", "1", "--timeout", "200ms"))
                .isEqualTo(7);
        assertThat(err.toString()).contains("0 of 1 messages came in time");
        assertThat(run(out, "message", "receive", "silent", "--timeout", "200ms"))
                .isZero();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThat(run(out, "message", "receive", "none", "--queue")).isEqualTo(5);
        assertThat(run(out, "message", "receive", "x", "--queue", "--subscription"))
                .isEqualTo(2);
        assertThat(run(out, "message", "receive", "x", "--timeout", "soon")).isEqualTo(2);
    }

    private int run(StringWriter to, String... words) {
        String[] all = Stream.concat(Stream.of(words), Stream.of("--url", url)).toArray(String[]::new);
        return Main.commandLine(all)
                .setOut(new PrintWriter(to, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
