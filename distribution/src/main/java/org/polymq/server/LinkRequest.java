/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks.Speaks;

/**
 * What a gateway wants of a group's node: what it says at the beginning of a stream, after the group's name.
 *
 * <pre>
 * stream    1 (1)  protocol (1): 0 MQTT, 1 JMS, 2 connectors  flags (1): 1 TLS, 2 certificate, 4 principal
 *           length (1) and IP address  port (2)  [length (2) and certificate, DER]  [length (2) and principal, UTF-8]
 * queue     2 (1)  length (2) and name, UTF-8
 * connectors 3 (1)  length (2) and the name behind which they begin, UTF-8
 * </pre>
 */
sealed interface LinkRequest {
    /** A stream for a client. */
    record Open(Speaks speaks, GatewayClient client) implements LinkRequest {}

    /** Whether the group has a queue of that name. */
    record FindQueue(String name) implements LinkRequest {}

    /** How the connectors that are spread are doing in the group. */
    record AskConnectors(String after) implements LinkRequest {}

    int OPEN = 1;
    int FIND_QUEUE = 2;
    int ASK_CONNECTORS = 3;
    int MQTT = 0;
    int JMS = 1;
    int CONNECTORS = 2;
    int ENCRYPTED = 1;
    int CERTIFICATE = 2;
    int PRINCIPAL = 4;

    /** As bytes, which {@link #read} reads. */
    default byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            if (this instanceof Open open) {
                out.writeByte(OPEN);
                out.writeByte(
                        switch (open.speaks()) {
                            case MQTT -> MQTT;
                            case JMS -> JMS;
                            case CONNECTORS -> CONNECTORS;
                        });
                write(open.client(), out);
            } else if (this instanceof FindQueue find) {
                out.writeByte(FIND_QUEUE);
                writeLong(find.name().getBytes(UTF_8), out);
            } else if (this instanceof AskConnectors ask) {
                out.writeByte(ASK_CONNECTORS);
                writeLong(ask.after().getBytes(UTF_8), out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void write(GatewayClient client, DataOutputStream out) throws IOException {
        byte[] address = client.address().getAddress().getAddress();
        byte[] certificate = client.certificate().map(LinkRequest::encoded).orElse(new byte[0]);
        out.writeByte((client.encrypted() ? ENCRYPTED : 0)
                | (client.certificate().isPresent() ? CERTIFICATE : 0)
                | (client.principal().isPresent() ? PRINCIPAL : 0));
        out.writeByte(address.length);
        out.write(address);
        out.writeShort(client.address().getPort());
        if (client.certificate().isPresent()) {
            writeLong(certificate, out);
        }
        if (client.principal().isPresent()) {
            writeLong(client.principal().get().getBytes(UTF_8), out);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("the client's certificate cannot be passed on", e);
        }
    }

    private static void writeLong(byte[] bytes, DataOutputStream out) throws IOException {
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException(bytes.length + " bytes do not fit a request of a gateway");
        }
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    /** @throws IllegalArgumentException if the bytes are none, or there are more than that */
    static LinkRequest read(ByteBuffer said) {
        byte[] bytes = new byte[said.remaining()];
        said.duplicate().get(bytes);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int kind = in.readUnsignedByte();
            LinkRequest request = switch (kind) {
                case OPEN -> new Open(speaks(in.readUnsignedByte()), readClient(in));
                case FIND_QUEUE -> new FindQueue(new String(readLong(in), UTF_8));
                case ASK_CONNECTORS -> new AskConnectors(new String(readLong(in), UTF_8));
                default -> throw new IllegalArgumentException("requests of kind " + kind + " are unknown");
            };
            if (in.available() > 0) {
                throw new IllegalArgumentException("a request of a gateway with " + in.available() + " bytes too many");
            }
            return request;
        } catch (IOException e) {
            throw new IllegalArgumentException("a request of a gateway that is not whole", e);
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a request of a gateway with a certificate that is none", e);
        }
    }

    private static Speaks speaks(int number) {
        return switch (number) {
            case MQTT -> Speaks.MQTT;
            case JMS -> Speaks.JMS;
            case CONNECTORS -> Speaks.CONNECTORS;
            default -> throw new IllegalArgumentException("a stream of protocol " + number + ", which is unknown");
        };
    }

    private static GatewayClient readClient(DataInputStream in) throws IOException, CertificateException {
        int flags = in.readUnsignedByte();
        byte[] address = in.readNBytes(in.readUnsignedByte());
        InetSocketAddress client = new InetSocketAddress(InetAddress.getByAddress(address), in.readUnsignedShort());
        Optional<X509Certificate> certificate =
                (flags & CERTIFICATE) == 0 ? Optional.empty() : Optional.of(readCertificate(readLong(in)));
        Optional<String> principal =
                (flags & PRINCIPAL) == 0 ? Optional.empty() : Optional.of(new String(readLong(in), UTF_8));
        return new GatewayClient(client, (flags & ENCRYPTED) != 0, certificate, principal);
    }

    private static X509Certificate readCertificate(byte[] encoded) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }

    private static byte[] readLong(DataInputStream in) throws IOException {
        int length = in.readUnsignedShort();
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("the end comes after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }
}
