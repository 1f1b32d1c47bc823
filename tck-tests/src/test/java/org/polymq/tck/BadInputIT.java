/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.server.Endpoints;

/** Bytes that no client would send close the connection they came on, and nothing else. */
@SuppressWarnings("try") // what is opened works while it is open
class BadInputIT {
    private static final int PATIENCE_MILLIS = 60_000;

    /** A connection that stays silent is closed after the deadlines, which are short here. */
    @RegisterExtension
    static final SharedServer SERVER =
            new SharedServer().with("limits.first-bytes", "2s").with("limits.handshake", "3s");

    private Bystander bystander;
    private Metrics metrics;

    @BeforeEach
    void connectBystander() throws Exception {
        bystander = new Bystander(SERVER.at());
        metrics = new Metrics(SERVER.at());
        bystander.exchange();
    }

    @AfterEach
    void bystanderNoticedNothing() throws Exception {
        bystander.exchange();
        bystander.noticedNothing();
        bystander.close();
        assertThat(SERVER.process().log()).doesNotContain("\tat ", "OutOfMemory", "LEAK");
    }

    @Test
    void randomBytesCloseTheirConnection() throws Exception {
        Random random = new Random(Tier.seed());
        double before = closedByServer();
        int connections = 0;
        for (Map.Entry<String, String> port : ports().entrySet()) {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < Tier.choose(20, 500); i++) {
                byte[] noise = new byte[1 + random.nextInt(600)];
                random.nextBytes(noise);
                // Neither half of a frame that might go on: lengths are out of range.
                noise[0] |= (byte) 0x80;
                sockets.add(send(port.getValue(), noise));
                connections++;
            }
            for (Socket socket : sockets) {
                assertClosed(port.getKey(), socket);
            }
            bystander.exchange();
        }
        // The dashboard answers 400 and closes; the four others count.
        assertThat(closedByServer() - before).isGreaterThanOrEqualTo(connections * 0.7);
    }

    @Test
    void halfFramesFollowedByAnEndAreForgotten() throws Exception {
        for (Map.Entry<String, byte[]> frame : halfFrames().entrySet()) {
            Socket socket = send(addressFor(frame.getKey()), frame.getValue());
            socket.shutdownOutput();
            assertClosed(frame.getKey(), socket);
            bystander.exchange();
        }
    }

    @Test
    void oversizeFramesCloseTheirConnectionBeforeTheyAreRead() throws Exception {
        for (Map.Entry<String, byte[]> frame : oversizeFrames().entrySet()) {
            double before = closedByServer();
            Socket socket = send(addressFor(frame.getKey()), frame.getValue());
            assertClosed(frame.getKey(), socket);
            assertThat(closedByServer()).as(frame.getKey()).isGreaterThan(before);
            bystander.exchange();
        }
    }

    @Test
    void anUnknownRequestCodeIsAnsweredWithCodeThree() throws Exception {
        for (String address : List.of(SERVER.at().nativePort(), SERVER.at().nameServer())) {
            String header = "{\"code\":29999,\"extFields\":{},\"flag\":0,\"language\":\"JAVA\",\"opaque\":77,"
                    + "\"serializeTypeCurrentRPC\":\"JSON\",\"version\":409}";
            try (Socket socket = send(address, frame(header))) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                String answer = readFrame(socket.getInputStream());

                assertThat(answer).contains("\"code\":3").contains("\"opaque\":77");
            }
        }
    }

    private double closedByServer() throws Exception {
        return metrics.sum("polymq_bad_input_total") + metrics.sum("polymq_connections_refused_total");
    }

    private static Map<String, String> ports() {
        Map<String, String> ports = new LinkedHashMap<>();
        ports.put("nameserver", SERVER.at().nameServer());
        ports.put("native", SERVER.at().nativePort());
        ports.put("mqtt", SERVER.at().mqtt());
        ports.put("websocket", SERVER.at().webSocket());
        ports.put("dashboard", SERVER.at().dashboard());
        return ports;
    }

    private static String addressFor(String what) {
        return ports().entrySet().stream()
                .filter(port -> what.startsWith(port.getKey()))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private static Map<String, byte[]> halfFrames() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        frames.put("nameserver half header", bytes(0, 0, 1, 0, 0, 0, 0, 0x80, '{', '"'));
        frames.put("native half header", bytes(0, 0, 1, 0, 0, 0, 0, 0x80, '{', '"'));
        frames.put("native half length", bytes(0, 0));
        frames.put("mqtt half connect", bytes(0x10, 0x20, 0, 4, 'M', 'Q'));
        frames.put("mqtt half length", bytes(0x10, 0x80));
        frames.put("websocket half request", "GET /mqtt HTTP/1.1\r\nHost:".getBytes(StandardCharsets.US_ASCII));
        frames.put("dashboard half request", "GET /metr".getBytes(StandardCharsets.US_ASCII));
        return frames;
    }

    private static Map<String, byte[]> oversizeFrames() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        byte[] huge = bytes(0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x10);
        frames.put("nameserver frame of 2 GB", huge);
        frames.put("native frame of 2 GB", huge);
        frames.put("native header longer than its frame", bytes(0, 0, 0, 0x20, 0, 0xFF, 0xFF, 0xFF));
        frames.put("native negative length", bytes(0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0));
        frames.put("mqtt connect of 256 MB", bytes(0x10, 0xFF, 0xFF, 0xFF, 0x7F));
        frames.put("mqtt length of five bytes", bytes(0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F));
        frames.put("mqtt publish before connect", bytes(0x30, 0x03, 0, 1, 'a'));
        return frames;
    }

    private static byte[] frame(String header) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length)
                .putInt(4 + json.length)
                .putInt(json.length)
                .put(json)
                .array();
    }

    private static String readFrame(InputStream in) throws IOException {
        int length = ByteBuffer.wrap(in.readNBytes(4)).getInt();
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static Socket send(String address, byte[] bytes) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Endpoints.port(address)));
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException alreadyClosed) {
            assertThat(socket.isConnected()).isTrue();
        }
        return socket;
    }

    private static void assertClosed(String what, Socket socket) throws IOException {
        try (socket) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            long received = 0;
            try {
                for (int read = 0; read >= 0; received += read) {
                    read = socket.getInputStream().read(new byte[4_096]);
                }
            } catch (SocketTimeoutException e) {
                throw new AssertionError(what + " was not closed", e);
            } catch (SocketException reset) {
                // Closed with bytes unread.
            }
            assertThat(received).as("answer to %s", what).isLessThan(10_000);
        }
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
