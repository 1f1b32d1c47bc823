/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.polymq.storage.FixedPorts;

/** WildFly with the H2 that it brings along. */
final class WildFly extends EeServer {
    private static final int HTTP_PORT = 8080;

    private final String broker;
    private final String brokerOfDefinitions;
    private final int offset;
    private Path home;

    /** Its ports lie from 3528 to 9990 above the offset; the HTTP port alone is looked for. */
    WildFly(Path directory, String broker, String brokerOfDefinitions) throws IOException {
        super(directory);
        this.broker = broker;
        this.brokerOfDefinitions = brokerOfDefinitions;
        this.offset = new FixedPorts().block(1) - HTTP_PORT;
    }

    @Override
    int port() {
        return HTTP_PORT + offset;
    }

    @Override
    void install() throws Exception {
        home = unpack("wildfly");
        edit(
                home.resolve("standalone/configuration/standalone-full.xml"),
                Map.of(
                        "<subsystem xmlns=\"urn:jboss:domain:resource-adapters:7.1\"/>",
                        adapter(),
                        "<drivers>",
                        database() + "<drivers>",
                        "<providers>",
                        credential() + "<providers>"));
        Path deployments = home.resolve("standalone/deployments");
        Files.copy(built("connectors/resource-adapter", ".rar"), deployments.resolve("polymq.rar"));
        Path application = deployments.resolve("app.war");
        Files.copy(built("tck-tests/clients/jakarta-app", ".war"), application);
        try (FileSystem archive = FileSystems.newFileSystem(application)) {
            Files.writeString(archive.getPath("WEB-INF", "web.xml"), definition());
        }
        launch();
    }

    /**
     * In WildFly a defined factory has an adapter of its own, so it says itself where its broker is and who recovers.
     */
    private String definition() {
        return """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                  <jms-connection-factory>
                    <name>java:app/jms/Defined</name>
                    <interface-name>jakarta.jms.ConnectionFactory</interface-name>
                    <resource-adapter>polymq</resource-adapter>
                    <user></user>
                    <password></password>
                    <client-id></client-id>
                    <property><name>serverUrl</name><value>BROKER</value></property>
                    <property><name>ironjacamar.security</name><value>domain</value></property>
                    <property><name>ironjacamar.security.elytron-authentication-context</name><value>polymq</value></property>
                    <max-pool-size>4</max-pool-size>
                  </jms-connection-factory>
                </web-app>
                """.replace("BROKER", brokerOfDefinitions);
    }

    private String adapter() {
        return """
                <subsystem xmlns="urn:jboss:domain:resource-adapters:7.1">
                  <resource-adapters>
                    <resource-adapter id="polymq">
                      <archive>polymq.rar</archive>
                      <transaction-support>XATransaction</transaction-support>
                      <config-property name="serverUrl">BROKER</config-property>
                      <connection-definitions>
                        <connection-definition class-name="org.polymq.ra.PolyMQManagedConnectionFactory"
                            jndi-name="java:/jms/Factory" pool-name="polymq">
                          <xa-pool><max-pool-size>20</max-pool-size></xa-pool>
                          <recovery>
                            <recover-credential>
                              <elytron-enabled>true</elytron-enabled>
                              <authentication-context>polymq</authentication-context>
                            </recover-credential>
                          </recovery>
                        </connection-definition>
                        <connection-definition class-name="org.polymq.ra.PolyMQManagedConnectionFactory"
                            jndi-name="java:/jms/ReaderFactory" pool-name="reader">
                          <config-property name="clientId">ee-reader</config-property>
                        </connection-definition>
                      </connection-definitions>
                      <admin-objects>
                        <admin-object class-name="org.polymq.ra.PolyMQTopic" jndi-name="java:/jms/News" pool-name="news">
                          <config-property name="name">ee.news</config-property>
                        </admin-object>
                      </admin-objects>
                    </resource-adapter>
                  </resource-adapters>
                </subsystem>
                """.replace("BROKER", broker);
    }

    /** WildFly recovers only with one. */
    private static String credential() {
        return """
                <authentication-client>
                  <authentication-configuration name="polymq" authentication-name="recovery">
                    <credential-reference clear-text="recovery"/>
                  </authentication-configuration>
                  <authentication-context name="polymq">
                    <match-rule authentication-configuration="polymq"/>
                  </authentication-context>
                </authentication-client>
                """;
    }

    private String database() {
        return """
                <xa-datasource jndi-name="java:/jdbc/Moved" pool-name="Moved" enabled="true">
                  <xa-datasource-property name="URL">jdbc:h2:file:FILE;DB_CLOSE_ON_EXIT=FALSE</xa-datasource-property>
                  <driver>h2</driver>
                  <security user-name="sa" password="sa"/>
                </xa-datasource>
                """.replace("FILE", directory().resolve("h2").toString());
    }

    @Override
    ProcessBuilder command() {
        ProcessBuilder builder = new ProcessBuilder(
                "sh",
                home.resolve("bin/standalone.sh").toString(),
                "-c",
                "standalone-full.xml",
                "-Djboss.socket.binding.port-offset=" + offset,
                "-Dcom.arjuna.ats.arjuna.recovery.periodicRecoveryPeriod=5",
                "-Dpolymq.ee.factory=java:/jms/Factory",
                "-Dpolymq.ee.database=java:/jdbc/Moved",
                "-Dpolymq.ee.manager=java:jboss/TransactionManager");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", "-Xmx512m -Djava.net.preferIPv4Stack=true");
        return builder;
    }
}
