/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** A client that says exactly the bytes it is told to. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    /** Packet identifiers that came, by those that were expected. */
    private final Map<String, String> ids = new HashMap<>();

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(5_000);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Connects with 3.1.1, a clean session and the client id {@code p}. */
    RawClient connect311() throws IOException {
        return send("100d 0004 4d515454 04 02 003c 0001 70").expect("20020000");
    }

    /** Connects with 5.0, a clean session and the client id {@code p}; reads over CONNACK. */
    RawClient connect5() throws IOException {
        send("100e 0004 4d515454 05 02 003c 00 0001 70");
        String connAck = packet();
        if (!connAck.startsWith("20") || !connAck.substring(4, 8).equals("0000")) {
            throw new AssertionError("refused: " + connAck);
        }
        return this;
    }

    RawClient send(String hex) throws IOException {
        String packet = hex.replace(" ", "");
        if (packet.matches("[457]0..(....).*")) { // an answer to a message
            String id = packet.substring(4, 8);
            packet = packet.substring(0, 4) + ids.getOrDefault(id, id) + packet.substring(8);
        }
        socket.getOutputStream().write(HexFormat.of().parseHex(packet));
        return this;
    }

    RawClient expect(String hex) throws IOException {
        String got = packet();
        String wanted = hex.replace(" ", "");
        if (!got.equals(wanted) && !(TestServer.GROUPS > 1 && isAlikeButForItsId(got, wanted))) {
            throw new AssertionError("got " + got + ", wanted " + hex);
        }
        return this;
    }

    /** Each of several groups has packet identifiers of its own: what is expected is that of a broker alone. */
    private boolean isAlikeButForItsId(String got, String wanted) {
        if (got.length() != wanted.length() || got.length() < 8) {
            return false;
        }
        boolean publish = wanted.matches("3[234567abcd].*");
        int at = publish ? 8 + 2 * Integer.parseInt(wanted.substring(4, 8), 16) : 4;
        if ((!publish && !wanted.startsWith("62")) || wanted.length() < at + 4) {
            return false;
        }
        ids.put(wanted.substring(at, at + 4), got.substring(at, at + 4));
        return (wanted.substring(0, at) + got.substring(at, at + 4) + wanted.substring(at + 4)).equals(got);
    }

    /** The next packet (shorter than 128 bytes) in hexadecimal digits; empty if the broker has closed. */
    String packet() throws IOException {
        try {
            int first = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            byte[] body = new byte[length];
            in.readFully(body);
            return HexFormat.of().toHexDigits((byte) first)
                    + HexFormat.of().toHexDigits((byte) length)
                    + HexFormat.of().formatHex(body);
        } catch (EOFException e) {
            // The broker has closed: that is an answer too.
            return "";
        }
    }

    /** Reads until the broker closes. */
    void expectClosed() throws IOException {
        InputStream rest = in;
        if (rest.read() >= 0) {
            throw new AssertionError("still connected");
        }
    }

    /** Takes its leave. The broker has closed after this: what is published from here on waits for the session. */
    void leave() throws IOException {
        send(Packets.DISCONNECT).expectClosed();
    }

    /** Loses the connection. */
    void drop() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
