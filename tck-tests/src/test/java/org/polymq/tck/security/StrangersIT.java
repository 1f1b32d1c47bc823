/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.Endpoints;
import org.polymq.tck.server.NativeFrames;

/** Attempts by those who have not logged in: what they may take of a server. The comments name the attack. */
class StrangersIT {
    private static final String PASSWORD = "a-good-password";
    private static final int MIB = 1 << 20;
    private static final int PATIENCE_MILLIS = 60_000;

    @RegisterExtension
    static final SecuredServer SERVER = new SecuredServer()
            .with("limits.first-bytes", "2s")
            .with("limits.handshake", "3s")
            .with("limits.login-memory", "8MB");

    private static Person root;

    @BeforeAll
    static void makePeople() throws Exception {
        SERVER.admin().createUser("root", PASSWORD, "allow PUB,SUB,MANAGE any:*");
        root = new Person("root", "root", PASSWORD, SERVER.admin().createKey("root"));
    }

    @AfterEach
    void theServerIsWell() throws Exception {
        assertThat(new MqttAsker(SERVER.at(), root).publish("well")).isEqualTo(Verdict.DONE);
        assertThat(new NativeAsker(SERVER.at(), root).send("well", "x")).isEqualTo(Verdict.DONE);
        assertThat(SERVER.process().log()).doesNotContain("\tat ", "OutOfMemory", "StackOverflow");
    }

    private static Map<String, String> ports() {
        Map<String, String> ports = new LinkedHashMap<>();
        ports.put("nameserver", SERVER.at().nameServer());
        ports.put("native", SERVER.at().nativePort());
        ports.put("jms", SERVER.at().nativePort());
        ports.put("mqtt", SERVER.at().mqtt());
        ports.put("websocket", SERVER.at().webSocket());
        ports.put("dashboard", SERVER.at().dashboard());
        return ports;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static final String UPGRADE = "GET /mqtt HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection:"
            + " Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version:"
            + " 13\r\nSec-WebSocket-Protocol: mqtt\r\n";

    // CVE-2025-66168, CVE-2026-40046, CVE-2026-21888: a remaining length of five bytes hides a second packet.
    @Test
    void cve202566168ARemainingLengthOfFiveBytesEndsTheConnection() throws Exception {
        for (boolean connected : new boolean[] {false, true}) {
            try (MqttBytes client = new MqttBytes(SERVER.at().mqtt())) {
                if (connected) {
                    client.send(MqttBytes.connect("five", "root", PASSWORD, new byte[0]));
                    assertThat(client.nextPacket()).isEqualTo(0x20);
                }
                client.send(new byte[] {
                    (byte) (connected ? 0x30 : 0x10), (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x01
                });
                client.send(MqttBytes.packet(0x30, MqttBytes.of("smuggled/topic", 0, new byte[] {1})));
                assertThat(client.untilClosed()).isLessThan(200);
            }
        }
    }

    // CVE-2026-44248: CONNECT's properties in small pieces are parsed again and again, before their size is looked at.
    @Test
    void cve202644248ALargeConnectIsRefusedByItsLengthNotByItsEnd() throws Exception {
        byte[] property = MqttBytes.of(0x26, "n".repeat(10), "v".repeat(10));
        byte[] properties = new byte[property.length * 80_000];
        for (int at = 0; at < properties.length; at += property.length) {
            System.arraycopy(property, 0, properties, at, property.length);
        }
        byte[] connect = MqttBytes.connect("bomb", "root", PASSWORD, properties);
        try (MqttBytes client = new MqttBytes(SERVER.at().mqtt())) {
            client.sendInPieces(connect, 1_400);
            client.untilClosed();
        }
        // One that fits, with more user properties than allowed.
        byte[] some = java.util.Arrays.copyOf(properties, property.length * 1_000);
        try (MqttBytes client = new MqttBytes(SERVER.at().mqtt())) {
            client.sendInPieces(MqttBytes.connect("bomb", "root", PASSWORD, some), 1_400);
            client.untilClosed();
        }
    }

    // CVE-2023-0809: memory for a first packet that is no CONNECT.
    @Test
    void cve20230809AFirstPacketThatIsNoConnectIsNotWaitedFor() throws Exception {
        try (MqttBytes client = new MqttBytes(SERVER.at().mqtt())) {
            client.send(new byte[] {0x30, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F});
            client.untilClosed();
        }
    }

    // A property of an MQTT message that holds RocketMQ's separators: no client of MQTT sends such, a program may.
    @Test
    void separatorsInAnMqttPropertyMakeNoNativeProperty() throws Exception {
        byte[] properties = MqttBytes.of(
                0x26,
                "a",
                "x\u0002TOPIC_PATH\u0001other\u0002RETRY_TOPIC\u0001evil\u0002",
                0x26,
                "b\u0001c\u0002MQTT_RETAIN\u00011\u0002",
                "y",
                0x26,
                "TOPIC_PATH",
                "forged",
                0x26,
                "DELAY",
                "18",
                0x26,
                "TRAN_MSG",
                "true");
        byte[] publish = MqttBytes.of("smuggling/true", 0, 1, MqttBytes.withLength(properties), new byte[] {7});
        try (MqttBytes client = new MqttBytes(SERVER.at().mqtt())) {
            client.send(MqttBytes.connect("smuggler", "root", PASSWORD, new byte[0]));
            assertThat(client.nextPacket()).isEqualTo(0x20);
            client.send(MqttBytes.packet(0x32, publish));
            assertThat(client.nextPacket()).isEqualTo(0x40);
        }
        new JmsAsker(SERVER.at(), root).ask((connection, session) -> {
            var message = session.createTextMessage("x");
            message.setStringProperty("a", "x\u0002TOPIC_PATH\u0001other\u0002RETRY_TOPIC\u0001evil\u0002");
            session.createProducer(session.createTopic("smuggling.true")).send(message);
        });

        String pulled = "";
        try (NativeFrames client = new NativeFrames(SERVER.at().nativePort())) {
            Map<String, String> pull = NativeAsker.fields("smuggling", "");
            pull.put("consumerGroup", "any");
            pull.put("subscription", "*");
            pull.put("sysFlag", "4");
            pull.put("maxMsgNums", "32");
            for (int queue = 0; queue < 4; queue++) {
                pull.put("queueId", Integer.toString(queue));
                pulled += client.ask(11, pull, new byte[0], root.key()).text();
            }
        }
        assertThat(pulled.split("TOPIC_PATH\u0001true\u0002", -1))
                .as("both messages")
                .hasSize(3);
        assertThat(pulled)
                .doesNotContain("\u0002TOPIC_PATH\u0001other", "\u0002TOPIC_PATH\u0001forged")
                .doesNotContain("\u0002RETRY_TOPIC\u0001", "\u0002MQTT_RETAIN\u0001", "\u0002DELAY\u0001")
                .doesNotContain("\u0002TRAN_MSG\u0001");
    }

    // CVE-2020-13849 and slow loris: connections that stay, and never log in.
    @Test
    void whoDoesNotLogInIsDisconnectedInTimeByEveryProtocol() throws Exception {
        Map<String, byte[]> beginnings = new LinkedHashMap<>();
        beginnings.put("nameserver", new byte[] {0, 0, 1, 0, 0, 0, 0, (byte) 0x80, '{'});
        beginnings.put("native", new byte[] {0, 0, 1, 0, 0, 0, 0, (byte) 0x80, '{'});
        beginnings.put("jms", ascii("PMQJ"));
        beginnings.put("mqtt", new byte[] {0x10, 0x20, 0, 4, 'M', 'Q'});
        beginnings.put("websocket", ascii(UPGRADE));
        beginnings.put("dashboard", ascii("GET /metr"));
        List<Drip> all = new ArrayList<>();
        for (Map.Entry<String, byte[]> beginning : beginnings.entrySet()) {
            String port = java.util.Objects.requireNonNull(ports().get(beginning.getKey()));
            all.add(new Drip(beginning.getKey() + " half", port, beginning.getValue(), false));
            all.add(new Drip(beginning.getKey() + " drop by drop", port, beginning.getValue(), true));
        }
        all.add(new Drip("an upgraded WebSocket", SERVER.at().webSocket(), ascii(UPGRADE + "\r\n"), false));

        await().untilAsserted(() -> assertThat(all).allMatch(Drip::isClosed));
    }

    /** A connection that never ends its login; dripping, it sends a byte now and then. */
    private static final class Drip {
        private final String name;
        private final Socket socket = new Socket();
        private final boolean drips;
        private boolean closed;

        Drip(String name, String address, byte[] beginning, boolean drips) throws IOException {
            this.name = name;
            this.drips = drips;
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Endpoints.port(address)));
            socket.setSoTimeout(1);
            socket.getOutputStream().write(beginning);
        }

        boolean isClosed() {
            try {
                if (!closed && drips) {
                    socket.getOutputStream().write(' ');
                }
                while (!closed) {
                    closed = socket.getInputStream().read() < 0;
                }
            } catch (SocketTimeoutException open) {
                return false;
            } catch (IOException reset) {
                closed = true;
            }
            return closed;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    // A connection that shows no password sends as much as a server has memory.
    @Test
    void whoHasNotLoggedInSendsLittle() throws Exception {
        Map<String, byte[]> beginnings = new LinkedHashMap<>();
        beginnings.put("native", new byte[] {0, (byte) 0xFF, 0, 0, 0, 0, 0, (byte) 0x80, '{'});
        beginnings.put("jms", new byte[] {'P', 'M', 'Q', 'J', 1, 0, (byte) 0xF0, 0, 0});
        beginnings.put("mqtt", new byte[] {0x10, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F});
        // A frame of 64 MB.
        byte[] frame = {(byte) 0x82, (byte) 0xFF, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4};
        byte[] upgrade = ascii(UPGRADE + "\r\n");
        byte[] webSocket = java.util.Arrays.copyOf(upgrade, upgrade.length + frame.length);
        System.arraycopy(frame, 0, webSocket, upgrade.length, frame.length);
        beginnings.put("websocket", webSocket);
        beginnings.put("dashboard", ascii("POST /api/v1/users HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"));
        for (Map.Entry<String, byte[]> beginning : beginnings.entrySet()) {
            try (Socket socket = new Socket()) {
                String port = java.util.Objects.requireNonNull(ports().get(beginning.getKey()));
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Endpoints.port(port)));
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.getOutputStream().write(beginning.getValue());
                int sent = 0;
                try {
                    while (sent < 64 * MIB) {
                        LimitedWrite.to(socket, new byte[64 << 10]);
                        sent += 64 << 10;
                    }
                } catch (SocketException closed) {
                    assertThat(socket.isConnected()).isTrue();
                }
                assertThat(sent).as(beginning.getKey()).isLessThan(24 * MIB); // with what the sockets hold
            }
        }
        assertThat(metric("polymq_connections_refused_total")).contains("login_too_large");
    }

    private static String metric(String name) throws Exception {
        AdminApi.Answer answer = AdminApi.as(SERVER.at(), "root", PASSWORD).call("GET", "../../metrics", "");
        return String.join(
                "\n",
                answer.body().lines().filter(line -> line.startsWith(name)).toList());
    }

    // Many who do not log in together.
    @Test
    void strangersTogetherHoldOnlySoMuch() throws Exception {
        List<Socket> all = new ArrayList<>();
        try {
            int closed = 0;
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket();
                all.add(socket);
                socket.connect(new InetSocketAddress(
                        InetAddress.getLoopbackAddress(),
                        Endpoints.port(SERVER.at().nativePort())));
                try {
                    socket.getOutputStream().write(new byte[] {0, 0x40, 0, 0, 0, 0, 0, (byte) 0x80, '{'});
                    LimitedWrite.to(socket, new byte[2 * MIB]);
                    LimitedWrite.to(socket, new byte[1]);
                } catch (SocketException refused) {
                    closed++;
                }
            }
            await().untilAsserted(() ->
                    assertThat(metric("polymq_connections_refused_total")).contains("logins_too_large"));
            assertThat(closed).isLessThanOrEqualTo(8);
        } finally {
            for (Socket socket : all) {
                socket.close();
            }
        }
    }

    // CSRF and cross-site WebSockets: a page that a user of this machine opens talks to the broker.
    @Test
    void aPageOfAnotherSiteReachesNeitherMqttNorTheApi() throws Exception {
        String host = SERVER.at().webSocket();
        Map<String, Integer> origins = new LinkedHashMap<>();
        origins.put("https://evil.example", 403);
        origins.put("null", 403);
        origins.put("http://" + host + ".evil.example", 403);
        origins.put("http://" + host, 101);
        for (Map.Entry<String, Integer> origin : origins.entrySet()) {
            String request =
                    UPGRADE.replace("Host: 127.0.0.1", "Host: " + host) + "Origin: " + origin.getKey() + "\r\n\r\n";
            assertThat(firstLine(host, request)).as(origin.getKey()).contains(" " + origin.getValue() + " ");
        }
        assertThat(firstLine(host, UPGRADE + "\r\n")).as("a program").contains(" 101 ");

        HttpClient browser = HttpClient.newHttpClient();
        HttpRequest foreign = HttpRequest.newBuilder(
                        URI.create("http://" + SERVER.at().dashboard() + "/api/v1/users"))
                .timeout(Duration.ofMillis(PATIENCE_MILLIS))
                .header("Origin", "https://evil.example")
                .header("Authorization", basic())
                .GET()
                .build();
        HttpResponse<String> answer = browser.send(foreign, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
        HttpRequest form = HttpRequest.newBuilder(
                        URI.create("http://" + SERVER.at().dashboard() + "/api/v1/users"))
                .timeout(Duration.ofMillis(PATIENCE_MILLIS))
                .header("Content-Type", "text/plain")
                .header("Authorization", basic())
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"evil\",\"password\":\"evil-password\"}"))
                .build();
        assertThat(browser.send(form, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(400);
        assertThat(SERVER.admin().call("GET", "users/evil", "").status()).isEqualTo(404);
    }

    private static String basic() {
        return "Basic " + java.util.Base64.getEncoder().encodeToString(ascii("root:" + PASSWORD));
    }

    private static String firstLine(String address, String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Endpoints.port(address)));
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(ascii(request));
            StringBuilder line = new StringBuilder();
            for (int c = socket.getInputStream().read();
                    c >= 0 && c != '\r';
                    c = socket.getInputStream().read()) {
                line.append((char) c);
            }
            return line.toString();
        }
    }

    // Guessing passwords.
    @Test
    void whoFailsToLogInHasToWait() throws Exception {
        SERVER.admin().createUser("guessed", PASSWORD, "allow PUB topic:x");
        Person guesser = new Person("guesser", "guessed", "wrong", null);
        for (int i = 0; i < 5; i++) {
            assertThat(new MqttAsker(SERVER.at(), guesser).publish("x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
        }

        Person right = new Person("right", "guessed", PASSWORD, null);
        assertThat(new JmsAsker(SERVER.at(), right).sendToTopic("x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
        assertThat(SERVER.audit().all()).anyMatch(line -> line.what().startsWith("too many failed logins"));
        await().until(() -> new JmsAsker(SERVER.at(), right).sendToTopic("x") == Verdict.DONE);
    }
}
