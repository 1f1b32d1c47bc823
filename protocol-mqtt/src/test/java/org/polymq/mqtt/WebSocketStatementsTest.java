/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.polymq.mqtt.Packets.*;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** MQTT over WebSocket, statement by statement: 6 of MQTT 5.0 and 3.1.1. */
class WebSocketStatementsTest extends ByteCases {
    private static final int BINARY = 2;
    private static final int TEXT = 1;

    @Test
    @Clauses(v5 = "6.0.0-4", v3 = "6.0.0-4")
    void theSubprotocolIsMqtt() throws IOException {
        try (WebSocket socket = new WebSocket()) {
            assertThat(socket.response).contains("101").containsIgnoringCase("sec-websocket-protocol: mqtt\r\n");
        }
    }

    @Test
    @Clauses(v5 = "6.0.0-1", v3 = "6.0.0-1")
    void aTextFrameEndsTheConnection() throws IOException {
        try (WebSocket socket = new WebSocket()) {
            socket.send(BINARY, connect311(unique(), true));
            assertThat(socket.receive(4)).isEqualTo("20020000");
            socket.send(TEXT, PING);
            assertThat(socket.in.read()).isIn(-1, 0x88);
        }
    }

    @Test
    @Clauses(v5 = "6.0.0-2", v3 = "6.0.0-2")
    void packetsAndFramesAreNotAligned() throws IOException {
        String connect = connect311(unique(), true);
        try (WebSocket socket = new WebSocket()) {
            socket.send(BINARY, connect.substring(0, 10));
            socket.send(BINARY, connect.substring(10) + PING + PING.substring(0, 2));
            socket.send(BINARY, PING.substring(2));
            assertThat(socket.receive(8)).isEqualTo("20020000" + PONG + PONG);
        }
    }

    /** A WebSocket client of its own, after the handshake. */
    private static final class WebSocket implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;
        private final String response;

        private WebSocket() throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), server.webSocketPort());
            socket.setSoTimeout(10_000);
            in = new DataInputStream(socket.getInputStream());
            String request = String.join(
                    "\r\n",
                    "GET /mqtt HTTP/1.1",
                    "Host: localhost",
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Protocol: other, mqtt",
                    "",
                    "");
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.readUnsignedByte());
            }
            response = head.toString();
        }

        /** One frame, masked with zeroes. */
        private void send(int opcode, String digits) throws IOException {
            int length = digits.length() / 2;
            socket.getOutputStream()
                    .write(HexFormat.of().parseHex(u8(0x80 | opcode) + u8(0x80 | length) + "00000000" + digits));
            socket.getOutputStream().flush();
        }

        /** So many payload bytes, whatever frames they come in. */
        private String receive(int count) throws IOException {
            StringBuilder digits = new StringBuilder();
            while (digits.length() < 2 * count) {
                assertThat(in.readUnsignedByte() & 0x0F).isEqualTo(BINARY);
                byte[] payload = new byte[in.readUnsignedByte()];
                in.readFully(payload);
                digits.append(HexFormat.of().formatHex(payload));
            }
            return digits.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
