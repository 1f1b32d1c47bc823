/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.polymq.tck.server.Endpoints;

/** MQTT's bytes over a socket, for what no client sends. Used by one thread. */
final class MqttBytes implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket = new Socket();

    /** Connects to {@code host:port}. */
    MqttBytes(String address) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Endpoints.port(address)));
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    /** A packet of MQTT: first byte, length, body. */
    static byte[] packet(int first, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        int length = body.length;
        do {
            int digit = length & 0x7F;
            length >>>= 7;
            out.write(length > 0 ? digit | 0x80 : digit);
        } while (length > 0);
        out.writeBytes(body);
        return out.toByteArray();
    }

    /** Parts after one another: texts with their length before them, numbers as one byte, bytes as they are. */
    static byte[] of(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof String text) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                out.write(bytes.length >> 8);
                out.write(bytes.length);
                out.writeBytes(bytes);
            } else if (part instanceof Integer number) {
                out.write(number);
            } else {
                out.writeBytes((byte[]) part);
            }
        }
        return out.toByteArray();
    }

    /** CONNECT of MQTT 5 with these properties. */
    static byte[] connect(String clientId, String user, String password, byte[] properties) {
        return packet(0x10, of("MQTT", 5, 0xC2, 0, 60, withLength(properties), clientId, user, password));
    }

    /** Properties with their length before them. */
    static byte[] withLength(byte[] properties) {
        byte[] packet = packet(0, properties);
        return java.util.Arrays.copyOfRange(packet, 1, packet.length);
    }

    MqttBytes send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** The first byte of the next packet; the rest of it is passed over. */
    int nextPacket() throws IOException {
        int first = socket.getInputStream().read();
        int length = 0;
        int shift = 0;
        int digit = 0x80;
        while (digit >= 0x80) {
            digit = socket.getInputStream().read();
            length |= (digit & 0x7F) << shift;
            shift += 7;
        }
        socket.getInputStream().readNBytes(length);
        return first;
    }

    /** How many bytes still come before the server closes; fails if it does not within a minute. */
    int untilClosed() throws IOException {
        try {
            return socket.getInputStream().readAllBytes().length;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server did not close the connection", e);
        } catch (SocketException reset) {
            return 0;
        }
    }

    /** Sends piece by piece until all is sent or the server has closed; returns how many bytes were taken. */
    int sendInPieces(byte[] bytes, int piece) throws IOException {
        int sent = 0;
        try {
            while (sent < bytes.length) {
                int count = Math.min(piece, bytes.length - sent);
                LimitedWrite.to(socket, java.util.Arrays.copyOfRange(bytes, sent, sent + count));
                socket.getOutputStream().flush();
                sent += count;
            }
        } catch (SocketException closed) {
            return sent;
        }
        return sent;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
