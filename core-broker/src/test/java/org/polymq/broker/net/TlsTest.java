/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.config.TlsConfig;
import org.polymq.broker.config.TlsConfig.ClientCertificates;

/** The JDK's own TLS client against a listener. */
class TlsTest {
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static TestCertificates.Made server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeACertificate(@TempDir Path shared) {
        server = TestCertificates.make(shared, "a", "CN=a");
    }

    private final Transport transport = Transport.open(2);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final BlockingQueue<GatewayClient> clients = new LinkedBlockingQueue<>();
    private Listeners listeners = new Listeners(transport, Limits.defaults(), registry);

    @AfterEach
    void close() {
        listeners.close(Duration.ofSeconds(1));
        transport.close();
    }

    @Test
    void onePortTakesTlsAndPlaintext() throws Exception {
        Listener listener = listener(config(server, ClientCertificates.NONE));

        for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (SSLSocket tls = connectTls(listener, null)) {
                tls.setEnabledProtocols(new String[] {version});
                assertThat(echo(tls, "Eve")).isEqualTo("Eve");
                assertThat(tls.getSession().getProtocol()).isEqualTo(version);
            }
            assertThat(nextClient().certificate()).isEmpty();
        }
        try (Socket plain = new Socket(FREE_PORT.getAddress(), listener.port())) {
            assertThat(echo(plain, "Eve")).isEqualTo("Eve");
        }
    }

    private GatewayClient nextClient() throws InterruptedException {
        GatewayClient client = clients.poll(10, TimeUnit.SECONDS);
        assertThat(client).isNotNull();
        return client;
    }

    @Test
    void aListenerForTlsOnlyRefusesPlaintext() throws Exception {
        Tls tls = Tls.open(config(server, ClientCertificates.NONE));
        listeners = new Listeners(
                transport,
                Limits.defaults(),
                registry,
                new Encryption(Optional.of(tls), Encryption.Plaintext.EVERYBODY));
        Listener listener = listeners.bindTls("test", FREE_PORT, new EchoProtocol(), TrustedProxies.NONE);

        try (Socket plain = new Socket(FREE_PORT.getAddress(), listener.port());
                SSLSocket encrypted = connectTls(listener, null)) {
            plain.getOutputStream().write('E');
            assertThat(plain.getInputStream().read()).isEqualTo(-1);
            assertThat(echo(encrypted, "Eve")).isEqualTo("Eve");
        }
        assertThat(registry.get("polymq.connections.refused")
                        .tag("reason", "plaintext")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aClientsCertificateIsKnownToTheProtocol() throws Exception {
        TestCertificates.Made client = TestCertificates.make(directory, "client", "CN=device-7,O=Plant");
        TlsConfig config = new TlsConfig(
                server.keystore(),
                Optional.empty(),
                Optional.of(client.passwordFile()),
                Optional.of(client.certificate()),
                ClientCertificates.REQUIRED,
                Duration.ofSeconds(10));
        Listener listener = listener(config);

        try (SSLSocket tls = connectTls(listener, client)) {
            assertThat(echo(tls, "Eve")).isEqualTo("Eve");
        }
        assertThat(nextClient()
                        .certificate()
                        .orElseThrow()
                        .getSubjectX500Principal()
                        .getName())
                .isEqualTo("CN=device-7,O=Plant");
        try (SSLSocket without = connectTls(listener, null)) {
            assertThatThrownBy(() -> echo(without, "Eve")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aChangedCertificateIsUsedForLaterConnections() throws Exception {
        TestCertificates.Made first = TestCertificates.make(directory, "a", "CN=first");
        TlsConfig config = new TlsConfig(
                first.certificate(),
                Optional.of(first.key()),
                Optional.empty(),
                Optional.empty(),
                ClientCertificates.NONE,
                Duration.ofMillis(10));
        Listener listener = listener(config);
        assertThat(serverName(listener)).isEqualTo("CN=first");

        TestCertificates.Made second = TestCertificates.make(directory.resolve("next"), "b", "CN=second");
        Files.move(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.move(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);

        await().until(() -> serverName(listener).equals("CN=second"));

        Files.writeString(first.key(), "no key");
        for (int i = 0; i < 5; i++) {
            assertThat(serverName(listener)).isEqualTo("CN=second");
        }
    }

    @Test
    void theCertificateIsTheOneOfTheHostThatTheClientAsksFor() throws Exception {
        Path hosts = directory.resolve("hosts");
        TestCertificates.make(hosts, "plant.example.com", "CN=plant");
        TestCertificates.make(hosts, "_.example.org", "CN=any");
        TlsConfig config = new TlsConfig(
                server.certificate(),
                Optional.of(server.key()),
                Optional.empty(),
                Optional.empty(),
                ClientCertificates.NONE,
                Duration.ofMillis(10),
                Optional.of(hosts));
        Listener listener = listener(config);

        assertThat(serverName(listener, "plant.example.com")).isEqualTo("CN=plant");
        assertThat(serverName(listener, "a.example.org")).isEqualTo("CN=any");
        assertThat(serverName(listener, "other.example.com")).isEqualTo("CN=a");
        assertThat(serverName(listener)).isEqualTo("CN=a");

        TestCertificates.make(hosts, "other.example.com", "CN=other");
        await().until(() -> serverName(listener, "other.example.com").equals("CN=other"));
    }

    @Test
    void saysWhichFileCannotBeUsed() throws Exception {
        Path key = Files.writeString(directory.resolve("a.key"), "no key");
        TestCertificates.Made bad =
                new TestCertificates.Made(server.certificate(), key, server.keystore(), server.passwordFile());

        assertThatThrownBy(() -> Tls.open(config(bad, ClientCertificates.NONE)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.crt");
    }

    private static TlsConfig config(TestCertificates.Made made, ClientCertificates clients) {
        return new TlsConfig(
                made.certificate(),
                Optional.of(made.key()),
                Optional.empty(),
                Optional.empty(),
                clients,
                Duration.ofSeconds(10));
    }

    private Listener listener(TlsConfig config) throws IOException {
        listeners = new Listeners(
                transport,
                Limits.defaults(),
                registry,
                new Encryption(Optional.of(Tls.open(config)), Encryption.Plaintext.EVERYBODY));
        return listeners.bind("test", FREE_PORT, new EchoProtocol());
    }

    private static String serverName(Listener listener, String... asked) throws Exception {
        try (SSLSocket tls = connectTls(listener, null)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setServerNames(
                    Stream.of(asked).<SNIServerName>map(SNIHostName::new).toList());
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return ((X509Certificate) tls.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    private static SSLSocket connectTls(
            Listener listener, TestCertificates.@org.jspecify.annotations.Nullable Made client)
            throws IOException, GeneralSecurityException {
        KeyManager[] keys = new KeyManager[0];
        if (client != null) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(client.keystore())) {
                store.load(in, client.password().toCharArray());
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, client.password().toCharArray());
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new TrustsEverybody()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(FREE_PORT.getAddress(), listener.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String echo(Socket socket, String text) throws IOException {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        socket.getOutputStream().flush();
        byte[] read = socket.getInputStream().readNBytes(text.length());
        if (read.length == 0) {
            throw new IOException("closed");
        }
        return new String(read, US_ASCII);
    }

    private static final class TrustsEverybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private final class EchoProtocol implements Protocol {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public int prefixLength() {
            return 1;
        }

        @Override
        public boolean accepts(ByteBuf firstBytes) {
            return firstBytes.getByte(firstBytes.readerIndex()) == 'E';
        }

        @Override
        public void install(ChannelPipeline pipeline) {
            Channel channel = pipeline.channel();
            clients.add(ClientOf.channel(channel));
            pipeline.addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    var unused = context.writeAndFlush(message);
                }
            });
        }
    }
}
