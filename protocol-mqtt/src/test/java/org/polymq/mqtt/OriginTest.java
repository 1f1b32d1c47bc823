/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which web pages may connect over WebSocket. */
class OriginTest {
    @TempDir
    static Path directory;

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new TestServer(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String statusOf(String origin) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.webSocketPort())) {
            socket.setSoTimeout(10_000);
            String request = "GET /mqtt HTTP/1.1\r\nHost: 127.0.0.1:8083\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n" + origin + "\r\n";
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine();
        }
    }

    @Test
    void servesProgramsAndPagesFromTheSameHost() throws IOException {
        assertThat(statusOf("")).contains("101");
        assertThat(statusOf("Origin: http://127.0.0.1:8080\r\n")).contains("101");
    }

    @Test
    void refusesPagesFromElsewhereAndCounts() throws IOException {
        assertThat(statusOf("Origin: https://evil.example.com\r\n")).contains("403");
        assertThat(statusOf("Origin: null\r\n")).contains("403");

        assertThat(server.counted("polymq.mqtt.refused", "reason", "origin")).isEqualTo(2);
    }

    @Test
    void aListNamesTheOriginsThatMay() {
        Origins listed = Origins.of(List.of("https://app.example.com", "http://localhost:8080"));

        assertThat(listed.allow("https://APP.example.com", "broker:8083")).isTrue();
        assertThat(listed.allow("http://localhost:8080", "broker:8083")).isTrue();
        assertThat(listed.allow("http://broker:8083", "broker:8083")).isFalse();
        assertThat(listed.allow("http://app.example.com", "broker:8083")).isFalse();
        assertThat(listed.allow(null, "broker:8083")).isTrue();
        assertThat(Origins.of(List.of("*")).allow("https://evil.example.com", "broker"))
                .isTrue();
    }

    @Test
    void theSameHostIsAWholeNameWhateverItsLetters() {
        assertThat(Origins.SAME_HOST.allow("https://Broker.example.com", "broker.example.com:8083"))
                .isTrue();
        assertThat(Origins.SAME_HOST.allow("https://xbroker.example.com", "broker.example.com"))
                .isFalse();
        assertThat(Origins.SAME_HOST.allow("https://broker.example.com", null)).isFalse();
        assertThat(Origins.SAME_HOST.allow("http://[::1]:8080", "[::1]:8083")).isTrue();
    }
}
