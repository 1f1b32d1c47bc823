/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.polymq.storage.FixedPorts;

/** GlassFish 7 with the Derby that it brings along. */
final class GlassFish extends EeServer {
    private final String broker;
    private final int firstPort;
    private Path home;

    GlassFish(Path directory, String broker) throws IOException {
        super(directory);
        this.broker = broker;
        this.firstPort = new FixedPorts().block(10);
    }

    @Override
    int port() {
        return firstPort;
    }

    private int adminPort() {
        return firstPort + 1;
    }

    @Override
    void install() throws Exception {
        home = unpack("glassfish");
        configure();
        launch();
        // The command that starts it may give up before the server is there.
        await().atMost(PATIENCE).until(() -> said().contains("Total startup time"));
        administer("create-resource-adapter-config", "--property", "serverUrl=" + broker.replace(":", "\\:"), "polymq");
        administer(
                "deploy",
                "--type",
                "rar",
                "--name",
                "polymq",
                built("connectors/resource-adapter", ".rar").toString());
        administer(
                "create-connector-connection-pool",
                "--raname",
                "polymq",
                "--connectiondefinition",
                "jakarta.jms.ConnectionFactory",
                "--transactionsupport",
                "XATransaction",
                "--isconnectvalidatereq=true",
                "polymq-pool");
        administer("create-connector-resource", "--poolname", "polymq-pool", "jms/Factory");
        administer(
                "create-connector-connection-pool",
                "--raname",
                "polymq",
                "--connectiondefinition",
                "jakarta.jms.ConnectionFactory",
                "--property",
                "clientId=ee-reader",
                "reader-pool");
        administer("create-connector-resource", "--poolname", "reader-pool", "jms/ReaderFactory");
        administer(
                "create-admin-object",
                "--raname",
                "polymq",
                "--restype",
                "jakarta.jms.Topic",
                "--property",
                "name=ee.news",
                "jms/News");
        administer(
                "create-jdbc-connection-pool",
                "--restype",
                "javax.sql.XADataSource",
                "--datasourceclassname",
                "org.apache.derby.jdbc.EmbeddedXADataSource",
                "--property",
                "databaseName=" + directory().resolve("derby") + ":createDatabase=create:user=app:password=app",
                "moved-pool");
        administer("create-jdbc-resource", "--connectionpoolid", "moved-pool", "jdbc/Moved");
        administer(
                "deploy",
                "--name",
                "app",
                "--contextroot",
                "app",
                built("tck-tests/clients/jakarta-app", ".war").toString());
    }

    /** Loopback and free ports only, recovery at the start, and the names that the application looks up. */
    private void configure() throws IOException {
        Path file = home.resolve("glassfish/domains/domain1/config/domain.xml");
        String text = Files.readString(file);
        int others = text.indexOf("<config name=\"default-config\"");
        String rest = text.substring(others);
        Files.writeString(file, text.substring(0, others));
        Map<String, String> edits = new LinkedHashMap<>();
        edits.put("address=\"0.0.0.0\"", "address=\"127.0.0.1\"");
        edits.put("<network-listener port=", "<network-listener address=\"127.0.0.1\" port=");
        String[] ports = {
            "port=\"8080\"",
            "port=\"4848\"",
            "port=\"8181\"",
            "port=\"3700\"",
            "port=\"3820\"",
            "port=\"3920\"",
            "port=\"8686\"",
            "value=\"7676\""
        };
        for (int i = 0; i < ports.length; i++) {
            edits.put(ports[i], ports[i].substring(0, ports[i].indexOf('"') + 1) + (firstPort + i) + "\"");
        }
        edits.put("osgi.shell.telnet.port=6666", "osgi.shell.telnet.port=" + (firstPort + ports.length));
        edits.put("<transaction-service ", "<transaction-service automatic-recovery=\"true\" ");
        edits.put(
                "<jvm-options>-Dosgi.shell.telnet.maxconn",
                "<jvm-options>-Dpolymq.ee.factory=jms/Factory</jvm-options>"
                        + "<jvm-options>-Dpolymq.ee.database=jdbc/Moved</jvm-options>"
                        + "<jvm-options>-Dpolymq.ee.manager=java:appserver/TransactionManager</jvm-options>"
                        + "<jvm-options>-Dosgi.shell.telnet.maxconn");
        edit(file, edits);
        Files.writeString(file, Files.readString(file) + rest);
    }

    private List<String> asadmin() {
        return List.of(
                java(),
                "-jar",
                home.resolve("glassfish/lib/client/appserver-cli.jar").toString());
    }

    private void administer(String... arguments) throws IOException, InterruptedException {
        Path log = directory().resolve("asadmin.out");
        Process process = new ProcessBuilder(with(with(asadmin(), "--port", Integer.toString(adminPort())), arguments))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException(String.join(" ", arguments) + " does not end: " + Files.readString(log));
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException(String.join(" ", arguments) + ": " + Files.readString(log));
        }
    }

    @Override
    ProcessBuilder command() {
        return new ProcessBuilder(with(asadmin(), "start-domain", "--verbose", "domain1"));
    }
}
