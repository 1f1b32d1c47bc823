/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.polymq.storage.FixedPorts;

/** TomEE with an H2 that is given to it; the adapter's jars lie in its {@code lib}. */
final class TomEE extends EeServer {
    private final String broker;
    private final int port;
    private Path home;

    TomEE(Path directory, String broker) throws IOException {
        super(directory);
        this.broker = broker;
        this.port = new FixedPorts().block(1);
    }

    @Override
    int port() {
        return port;
    }

    @Override
    void install() throws Exception {
        home = unpack("apache-tomee");
        edit(
                home.resolve("conf/server.xml"),
                Map.of("port=\"8080\"", "address=\"127.0.0.1\" port=\"" + port + "\"", "port=\"8005\"", "port=\"-1\""));
        edit(home.resolve("conf/tomee.xml"), Map.of("</tomee>", resources() + "</tomee>"));
        unpackAdapter();
        Path database = fetched("h2-");
        Files.copy(database, home.resolve("lib").resolve(database.getFileName()));
        Files.copy(built("tck-tests/clients/jakarta-app", ".war"), home.resolve("webapps/app.war"));
        launch();
    }

    /** All jars of the archive but SLF4J's, which TomEE has. */
    private void unpackAdapter() throws IOException {
        try (ZipFile archive =
                new ZipFile(built("connectors/resource-adapter", ".rar").toFile())) {
            for (ZipEntry entry : archive.stream().toList()) {
                String name = entry.getName();
                if (name.endsWith(".jar") && !name.startsWith("slf4j")) {
                    try (InputStream jar = archive.getInputStream(entry)) {
                        Files.copy(jar, home.resolve("lib").resolve(name));
                    }
                }
            }
        }
    }

    private String resources() {
        return """
                <Resource id="polymq" type="jakarta.resource.spi.ResourceAdapter"
                    class-name="org.polymq.ra.PolyMQResourceAdapter">
                  serverUrl = BROKER
                </Resource>
                <Resource id="jms/Factory" type="jakarta.jms.ConnectionFactory"
                    class-name="org.polymq.ra.PolyMQManagedConnectionFactory">
                  ResourceAdapter = polymq
                  TransactionSupport = xa
                </Resource>
                <Resource id="jms/ReaderFactory" type="jakarta.jms.ConnectionFactory"
                    class-name="org.polymq.ra.PolyMQManagedConnectionFactory">
                  ResourceAdapter = polymq
                  TransactionSupport = xa
                  clientId = ee-reader
                </Resource>
                <Resource id="jms/News" type="jakarta.jms.Topic" class-name="org.polymq.ra.PolyMQTopic">
                  name = ee.news
                </Resource>
                <Container id="polymq" type="MESSAGE">
                  ResourceAdapter = polymq
                  MessageListenerInterface = jakarta.jms.MessageListener
                  ActivationSpecClass = org.polymq.ra.PolyMQActivationSpec
                </Container>
                <Resource id="jdbc/MovedXa" type="XADataSource" class-name="org.h2.jdbcx.JdbcDataSource">
                  Url = jdbc:h2:file:FILE;DB_CLOSE_ON_EXIT=FALSE
                  User = moved
                  Password = moved
                </Resource>
                <Resource id="jdbc/Moved" type="DataSource">
                  XaDataSource = jdbc/MovedXa
                  DataSourceCreator = dbcp
                  JtaManaged = true
                  UserName = moved
                  Password = moved
                </Resource>
                """.replace("BROKER", broker)
                .replace("FILE", directory().resolve("database").toString());
    }

    @Override
    ProcessBuilder command() {
        ProcessBuilder builder =
                new ProcessBuilder("sh", home.resolve("bin/catalina.sh").toString(), "run");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment()
                .put(
                        "CATALINA_OPTS",
                        "-Xmx512m -Dpolymq.ee.factory=openejb:Resource/jms/Factory"
                                + " -Dpolymq.ee.database=openejb:Resource/jdbc/Moved"
                                + " -Dpolymq.ee.manager=java:comp/TransactionManager");
        return builder;
    }
}
