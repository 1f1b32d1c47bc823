/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.polymq.storage.FixedPorts;

/** Open Liberty with an H2 that is given to it. */
final class OpenLiberty extends EeServer {
    private final String broker;
    private final int port;
    private Path home;

    OpenLiberty(Path directory, String broker) throws IOException {
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
        home = unpack("openliberty");
        Path server = Files.createDirectories(home.resolve("usr/servers/polymq"));
        Files.writeString(server.resolve("server.xml"), configuration());
        Files.writeString(server.resolve("jvm.options"), """
                -Xmx512m
                -Dpolymq.ee.factory=jms/Factory
                -Dpolymq.ee.database=jdbc/Moved
                -Dpolymq.ee.manager-class=com.ibm.tx.jta.TransactionManagerFactory
                """);
        Path applications = Files.createDirectories(server.resolve("apps"));
        Files.copy(built("tck-tests/clients/jakarta-app", ".war"), applications.resolve("app.war"));
        launch();
    }

    private String configuration() throws IOException {
        return """
                <server>
                  <featureManager>
                    <feature>connectors-2.1</feature>
                    <feature>messaging-3.1</feature>
                    <feature>mdb-4.0</feature>
                    <feature>servlet-6.0</feature>
                    <feature>jdbc-4.3</feature>
                    <feature>jndi-1.0</feature>
                  </featureManager>
                  <httpEndpoint id="defaultHttpEndpoint" host="127.0.0.1" httpPort="PORT" httpsPort="-1"/>
                  <resourceAdapter id="polymq" location="ARCHIVE">
                    <properties.polymq serverUrl="BROKER"/>
                  </resourceAdapter>
                  <jmsConnectionFactory jndiName="jms/Factory">
                    <connectionManager maxPoolSize="20"/>
                    <properties.polymq/>
                  </jmsConnectionFactory>
                  <jmsConnectionFactory jndiName="jms/ReaderFactory">
                    <properties.polymq clientId="ee-reader"/>
                  </jmsConnectionFactory>
                  <jmsTopic jndiName="jms/News">
                    <properties.polymq name="ee.news"/>
                  </jmsTopic>
                  <jmsQueue id="ee.in" jndiName="ee.in">
                    <properties.polymq name="ee.in"/>
                  </jmsQueue>
                  <jmsActivationSpec id="app/Mover">
                    <properties.polymq/>
                  </jmsActivationSpec>
                  <jmsActivationSpec id="app/Reader">
                    <properties.polymq destinationLookup="jms/News" connectionFactoryLookup="jms/ReaderFactory"/>
                  </jmsActivationSpec>
                  <library id="h2">
                    <file name="DRIVER"/>
                  </library>
                  <dataSource jndiName="jdbc/Moved" type="javax.sql.XADataSource">
                    <jdbcDriver libraryRef="h2" javax.sql.XADataSource="org.h2.jdbcx.JdbcDataSource"/>
                    <properties URL="jdbc:h2:file:FILE;DB_CLOSE_ON_EXIT=FALSE" user="sa" password="sa"/>
                  </dataSource>
                  <transaction recoverOnStartup="true"/>
                  <webApplication location="app.war" name="app" contextRoot="app"/>
                </server>
                """.replace("PORT", Integer.toString(port))
                .replace("ARCHIVE", built("connectors/resource-adapter", ".rar").toString())
                .replace("BROKER", broker)
                .replace("DRIVER", fetched("h2-").toString())
                .replace("FILE", directory().resolve("database").toString());
    }

    @Override
    ProcessBuilder command() {
        ProcessBuilder builder =
                new ProcessBuilder("sh", home.resolve("bin/server").toString(), "run", "polymq");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }
}
