/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/** JMS over TLS. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class JmsTlsIT {
    private static final long PATIENCE = 30_000;

    @TempDir
    static Path directory;

    private static Keys keys;
    private static BrokerProcess server;

    @BeforeAll
    static void start() throws Exception {
        keys = Keys.in(directory);
        server = keys.tls(BrokerProcess.in(directory)).with("tls.client-certificates", "required");
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Connection connect(String host, String options) throws JMSException {
        int port = Endpoints.port(server.endpoints().nativePort());
        return new PolyMQConnectionFactory(
                        "polymq://" + host + ":" + port + "?tls=true&connectTimeout=20000&" + options)
                .createConnection();
    }

    private static String ours() {
        return "keyStore=" + keys.path("client.p12") + "&keyStorePassword=" + Keys.PASSWORD;
    }

    @Test
    void messagesGoOverTlsWithTheAuthorityInAFile() throws Exception {
        int port = Endpoints.port(server.endpoints().nativePort());
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(
                        "polymq://127.0.0.1:" + port + "?tls=true&ca=" + keys.path("server.pem") + "&" + ours());
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
                "127.0.0.1",
                "trustStore=" + keys.path("trust.p12") + "&trustStorePassword=" + Keys.PASSWORD + "&" + ours())) {
            assertThat(connection.createSession()).isNotNull();
        }
    }

    @Test
    void aServerThatIsNotTrustedIsRefusedAndTheMessageSaysWhereToLook() {
        assertThatThrownBy(() -> connect("127.0.0.1", ours()))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("no TLS with 127.0.0.1")
                .hasMessageContaining("trustStore");
    }

    @Test
    void theCertificateHasToNameTheHost() throws Exception {
        String trusted = "ca=" + keys.path("server.pem") + "&" + ours();

        assertThatThrownBy(() -> connect("localhost", trusted))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("verifyHost");
        try (Connection connection = connect("localhost", trusted + "&verifyHost=false")) {
            assertThat(connection.createSession()).isNotNull();
        }
    }

    @Test
    void aServerThatWantsACertificateRefusesWhoHasNone() {
        assertThatThrownBy(() -> connect("127.0.0.1", "ca=" + keys.path("server.pem")))
                .isInstanceOf(JMSException.class);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> connect("127.0.0.1", "ca=/nowhere/ca.pem"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("/nowhere/ca.pem");
    }
}
