/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.polymq.tck.server.BrokerProcess;

/**
 * Keys of a server and of a client, made by the JDK's keytool: {@code server.p12} and {@code client.p12}, their
 * certificates in {@code server.pem} and {@code client.pem}, and {@code trust.p12} with the server's certificate.
 */
final class Keys {
    /** Of all files. */
    static final String PASSWORD = "changeit";

    private final Path directory;

    private Keys(Path directory) {
        this.directory = directory;
    }

    static Keys in(Path directory) throws IOException, InterruptedException {
        Keys keys = new Keys(directory);
        keys.make("server", "CN=broker", "SAN=ip:127.0.0.1");
        keys.make("client", "CN=application", "SAN=dns:application");
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                "ca",
                "-file",
                keys.path("server.pem"),
                "-keystore",
                keys.path("trust.p12"));
        return keys;
    }

    /** Gives a server its key, and the client's certificate as the authority of clients. */
    BrokerProcess tls(BrokerProcess server) throws IOException {
        Path password = Files.writeString(directory.resolve("password"), PASSWORD);
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        return server.with("mqtt.tls-port", 0)
                .with("tls.keystore", path("server.p12"))
                .with("tls.keystore-password-file", password)
                .with("tls.client-ca", path("client.pem"));
    }

    String path(String file) {
        return directory.resolve(file).toString();
    }

    private void make(String alias, String name, String extension) throws IOException, InterruptedException {
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
}
