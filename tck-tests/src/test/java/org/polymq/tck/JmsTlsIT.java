/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/** JMS over TLS, with certificates that the JDK's keytool made. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class JmsTlsIT {
    private static final String PASSWORD = "changeit";
    private static final long PATIENCE = 30_000;

    @TempDir
    static Path directory;

    private static BrokerProcess server;

    @BeforeAll
    static void start() throws Exception {
        makeKey("server", "CN=broker", "SAN=ip:127.0.0.1");
        makeKey("client", "CN=application", "SAN=dns:application");
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                "ca",
                "-file",
                path("server.pem"),
                "-keystore",
                path("trust.p12"));
        Path password = Files.writeString(directory.resolve("password"), PASSWORD);
        Files.setPosixFilePermissions(password, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        server = BrokerProcess.in(directory)
                .with("mqtt.tls-port", 0)
                .with("tls.keystore", path("server.p12"))
                .with("tls.keystore-password-file", password)
                .with("tls.client-ca", path("client.pem"))
                .with("tls.client-certificates", "required");
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String path(String file) {
        return directory.resolve(file).toString();
    }

    private static void makeKey(String alias, String name, String extension) throws IOException, InterruptedException {
        String store = path(alias + ".p12");
        keytool("-genkeypair", "-alias", alias, "-keyalg", "EC", "-dname", name, "-ext", extension, "-keystore", store);
        keytool("-exportcert", "-rfc", "-alias", alias, "-keystore", store, "-file", path(alias + ".pem"));
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        try (Program program = Program.run(command.toArray(String[]::new))) {
            List<String> said = program.awaitEnd(Duration.ofMinutes(1));
            assertThat(program.exitCode()).as("%s", said).isZero();
        }
    }

    private static Connection connect(String host, String options) throws JMSException {
        int port = Endpoints.port(server.endpoints().nativePort());
        return new PolyMQConnectionFactory(
                        "polymq://" + host + ":" + port + "?tls=true&connectTimeout=20000&" + options)
                .createConnection();
    }

    private static String keys() {
        return "keyStore=" + path("client.p12") + "&keyStorePassword=" + PASSWORD;
    }

    @Test
    void messagesGoOverTlsWithTheAuthorityInAFile() throws Exception {
        int port = Endpoints.port(server.endpoints().nativePort());
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(
                        "polymq://127.0.0.1:" + port + "?tls=true&ca=" + path("server.pem") + "&" + keys());
                JMSContext context = factory.createContext()) {
            Queue queue = context.createQueue("secret");
            context.createProducer().send(queue, "text");

            assertThat(context.createConsumer(queue).receiveBody(String.class, PATIENCE))
                    .isEqualTo("text");
        }
    }

    @Test
    void theAuthorityMayBeInAKeyStore() throws Exception {
        try (Connection connection = connect(
                "127.0.0.1", "trustStore=" + path("trust.p12") + "&trustStorePassword=" + PASSWORD + "&" + keys())) {
            assertThat(connection.createSession()).isNotNull();
        }
    }

    @Test
    void aServerThatIsNotTrustedIsRefusedAndTheMessageSaysWhereToLook() {
        assertThatThrownBy(() -> connect("127.0.0.1", keys()))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("no TLS with 127.0.0.1")
                .hasMessageContaining("trustStore");
    }

    @Test
    void theCertificateHasToNameTheHost() throws Exception {
        String trusted = "ca=" + path("server.pem") + "&" + keys();

        assertThatThrownBy(() -> connect("localhost", trusted))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("verifyHost");
        try (Connection connection = connect("localhost", trusted + "&verifyHost=false")) {
            assertThat(connection.createSession()).isNotNull();
        }
    }

    @Test
    void aServerThatWantsACertificateRefusesWhoHasNone() {
        assertThatThrownBy(() -> connect("127.0.0.1", "ca=" + path("server.pem")))
                .isInstanceOf(JMSException.class);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> connect("127.0.0.1", "ca=/nowhere/ca.pem"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("/nowhere/ca.pem");
    }
}
