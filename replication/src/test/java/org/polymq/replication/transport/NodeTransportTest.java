/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.rpc.RpcRequests;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.net.TestCertificates;

class NodeTransportTest {
    private static final AtomicInteger DESERIALISED = new AtomicInteger();

    @TempDir
    private Path directory;

    /** What must never be made from bytes of the wire. */
    static final class Canary implements Serializable {
        private static final long serialVersionUID = 1;

        private Object readResolve() {
            DESERIALISED.incrementAndGet();
            return this;
        }
    }

    @Test
    void theEngineAgreesOverItAndForeignBytesOnlyEndTheirOwnConnection() throws Exception {
        try (Trio trio = new Trio(directory, Optional.empty())) {
            trio.agreeOn("before");

            Random random = new Random(7);
            byte[] noise = new byte[4096];
            random.nextBytes(noise);
            assertThat(isRefused(trio.address(0), noise)).isTrue();
            assertThat(isRefused(trio.address(0), "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII)))
                    .isTrue();
            assertThat(isRefused(trio.address(0), hello("another"))).isTrue();
            assertThat(isRefused(trio.address(0), with(hello("trio"), noise))).isTrue();
            assertThat(isRefused(trio.address(0), with(hello("trio"), frame(1, 200, new byte[0]))))
                    .isTrue();
            assertThat(isRefused(trio.address(0), with(hello("trio"), frame(1, 5, noise))))
                    .isTrue();
            assertThat(isRefused(trio.address(0), with(hello("trio"), frame(2, 5, new byte[0]))))
                    .isTrue();
            assertThat(isRefused(trio.address(0), with(hello("trio"), new byte[] {0x7f, 0, 0, 0})))
                    .isTrue();
            assertThat(trio.server(0).refused()).isGreaterThanOrEqualTo(8);

            trio.agreeOn("after");
        }
    }

    @Test
    void noClassIsMadeFromItsNameOnTheWire() throws Exception {
        try (Trio trio = new Trio(directory, Optional.empty())) {
            ByteArrayOutputStream serialised = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(serialised)) {
                out.writeObject(new Canary());
            }
            assertThat(isRefused(trio.address(0), serialised.toByteArray())).isTrue();
            assertThat(isRefused(trio.address(0), boltRequest(Canary.class.getName(), serialised.toByteArray())))
                    .isTrue();
            for (int type = 0; type < 20; type++) {
                byte[] named = with(Canary.class.getName().getBytes(UTF_8), serialised.toByteArray());
                assertThat(isRefused(trio.address(0), with(hello("trio"), frame(1, type, named))))
                        .isTrue();
            }

            assertThat(DESERIALISED).hasValue(0);
            trio.agreeOn("after");
        }
    }

    @Test
    void withTlsOnlyAKnownCertificateIsLetIn() throws Exception {
        TestCertificates.Made ours = TestCertificates.make(directory, "ours", "CN=node");
        TestCertificates.Made theirs = TestCertificates.make(directory, "theirs", "CN=stranger");
        NodeTransport.TlsContexts tls = contexts(ours, ours);
        try (Trio trio = new Trio(directory, Optional.of(tls))) {
            trio.agreeOn("encrypted");

            assertThat(isRefused(trio.address(0), hello("trio"))).isTrue(); // not TLS at all
            assertThat(isLetIn(trio.address(0), tls.client())).isTrue();
            assertThat(isLetIn(trio.address(0), contexts(theirs, ours).client()))
                    .isFalse();
            SslContext nameless = SslContextBuilder.forClient()
                    .trustManager(ours.certificate().toFile())
                    .build();
            assertThat(isLetIn(trio.address(0), nameless)).isFalse();

            trio.agreeOn("still encrypted");
        }
    }

    private static NodeTransport.TlsContexts contexts(TestCertificates.Made own, TestCertificates.Made trusted)
            throws IOException {
        return NodeTransport.TlsContexts.of(own.certificate(), own.key(), trusted.certificate());
    }

    /** Whether a ping over TLS is answered. */
    private static boolean isLetIn(InetSocketAddress address, SslContext context) throws IOException {
        var engine = (JdkSslContext) context;
        try (Socket socket =
                engine.context().getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(30_000);
            byte[] ping = RpcRequests.PingRequest.newBuilder()
                    .setSendTimestamp(1)
                    .build()
                    .toByteArray();
            socket.getOutputStream().write(with(hello("trio"), frame(1, 2, ping)));
            return socket.getInputStream().read() != -1;
        } catch (SSLException | SocketException refused) {
            return false;
        }
    }

    @Test
    void theLibrariesThatWouldMakeThemAreNotThere() {
        assertThatThrownBy(() -> Class.forName("com.caucho.hessian.io.Hessian2Input"))
                .isInstanceOf(ClassNotFoundException.class);
        assertThatThrownBy(() -> Class.forName("com.alipay.remoting.rpc.RpcServer"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    /** Sends bytes and reads to the end: true if the node ends the connection without an answer. */
    private static boolean isRefused(InetSocketAddress address, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static byte[] hello(String cluster) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0x504d5152);
        out.writeByte(1);
        out.writeByte(cluster.length());
        out.write(cluster.getBytes(UTF_8));
        return bytes.toByteArray();
    }

    private static byte[] frame(int kind, int type, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(6 + body.length);
        out.writeByte(kind);
        out.writeInt(1);
        out.writeByte(type);
        out.write(body);
        return bytes.toByteArray();
    }

    /** A request as the engine's own transport would take it, serialised with Hessian. */
    private static byte[] boltRequest(String className, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        byte[] name = className.getBytes(UTF_8);
        out.writeByte(1); // protocol
        out.writeByte(1); // request
        out.writeShort(1); // command
        out.writeByte(1);
        out.writeInt(1);
        out.writeByte(1); // Hessian
        out.writeInt(1000);
        out.writeShort(name.length);
        out.writeShort(0);
        out.writeInt(content.length);
        out.write(name);
        out.write(content);
        return bytes.toByteArray();
    }

    private static byte[] with(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
