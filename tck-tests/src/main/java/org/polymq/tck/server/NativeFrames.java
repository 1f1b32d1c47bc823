/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * RocketMQ's frames written by hand, for what its clients never send: JSON headers, signed as its
 * {@code AclClientRPCHook} signs. Used by one thread.
 */
public final class NativeFrames implements AutoCloseable {
    private static final Pattern CODE = Pattern.compile("\"code\":(-?\\d+)");
    private static final Pattern FLAG = Pattern.compile("\"flag\":(\\d+)");
    private static final Pattern OPAQUE = Pattern.compile("\"opaque\":(-?\\d+)");
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int RESPONSE = 1;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private int opaque;

    /**
     * A response.
     *
     * @param header as it came, JSON
     * @param text the body, a character for each byte
     */
    public record Answer(int code, String header, String text) {}

    /** Connects to {@code host:port}. */
    public NativeFrames(String address) throws IOException {
        this(address, "127.0.0.1");
    }

    /** Connects from one of this machine's addresses. */
    @SuppressWarnings("AddressSelection") // these are addresses, not names
    public NativeFrames(String address, String from) throws IOException {
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Endpoints.port(address)));
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Asks and takes the answer; what the broker sends on its own in between is passed over. */
    public Answer ask(int code, Map<String, String> fields, byte[] body, AdminApi.@Nullable Key key)
            throws IOException {
        send(code, fields, body, key);
        Answer answer = next();
        while ((number(FLAG, answer.header()) & RESPONSE) == 0 || number(OPAQUE, answer.header()) != opaque) {
            answer = next();
        }
        return answer;
    }

    /** Sends a request and does not wait. */
    public void send(int code, Map<String, String> fields, byte[] body, AdminApi.@Nullable Key key) throws IOException {
        Map<String, String> signed = new TreeMap<>(fields);
        if (key != null) {
            signed.put("AccessKey", key.id());
            signed.put("Signature", signature(signed, body, key.secret()));
        }
        StringBuilder header = new StringBuilder("{\"code\":" + code + ",\"flag\":0,\"language\":\"JAVA\",\"opaque\":"
                + ++opaque + ",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":479,\"extFields\":{");
        String comma = "";
        for (Map.Entry<String, String> field : signed.entrySet()) {
            header.append(comma).append(quoted(field.getKey())).append(':').append(quoted(field.getValue()));
            comma = ",";
        }
        sendFrame(header.append("}}").toString().getBytes(StandardCharsets.UTF_8), body);
    }

    /** Sends a frame of this header and body. */
    public void sendFrame(byte[] header, byte[] body) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(8 + header.length + body.length);
        frame.putInt(4 + header.length + body.length)
                .putInt(header.length)
                .put(header)
                .put(body);
        sendBytes(frame.array());
    }

    public void sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** The next frame that comes. */
    public Answer next() throws IOException {
        int length = in.readInt();
        int headerLength = in.readInt() & 0xFFFFFF;
        byte[] header = in.readNBytes(headerLength);
        byte[] body = in.readNBytes(length - 4 - headerLength);
        String text = new String(header, StandardCharsets.UTF_8);
        return new Answer(number(CODE, text), text, new String(body, StandardCharsets.ISO_8859_1));
    }

    /** Whether the server has closed the connection, or does within a minute. */
    public boolean isClosed() {
        try {
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static int number(Pattern pattern, String text) throws IOException {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IOException("nothing like " + pattern + " in " + text);
        }
        return Integer.parseInt(found.group(1));
    }

    private static String signature(Map<String, String> fields, byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            mac.update(String.join("", fields.values()).getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA1", e);
        }
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
