/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.peer;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.nio.file.Files;
import java.nio.file.Path;
import org.polymq.bench.FreePorts;

/**
 * HiveMQ Community Edition in this JVM, on loopback, with its file persistence under one directory; anybody may
 * connect. Prints {@code READY port=PORT} once it accepts.
 */
public final class HiveMqPeer {
    private HiveMqPeer() {}

    /**
     * Starts it and keeps running until the process is ended.
     *
     * @param args the directory to use, which must be empty
     */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]).toAbsolutePath();
        Path configuration = Files.createDirectories(directory.resolve("conf"));
        int port = FreePorts.block(1);
        Files.writeString(configuration.resolve("config.xml"), """
            <?xml version="1.0"?>
            <hivemq>
              <listeners>
                <tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener>
              </listeners>
              <mqtt><queued-messages><max-queue-size>1000000</max-queue-size></queued-messages></mqtt>
              <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
            </hivemq>
            """.formatted(port));
        EmbeddedHiveMQ broker = EmbeddedHiveMQ.builder()
                .withConfigurationFolder(configuration)
                .withDataFolder(Files.createDirectories(directory.resolve("data")))
                .withExtensionsFolder(Files.createDirectories(directory.resolve("extensions")))
                .withEmbeddedExtension(EmbeddedExtension.builder()
                        .withId("anybody")
                        .withName("Anybody may connect")
                        .withVersion("1")
                        .withAuthor("PolyMQ")
                        .withExtensionMain(new Anybody())
                        .build())
                .build();
        broker.start().join();
        System.out.println("READY port=" + port);
    }

    private static final class Anybody implements ExtensionMain {
        @Override
        public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
            SimpleAuthenticator anybody = (request, answer) -> answer.authenticateSuccessfully();
            Services.securityRegistry().setAuthenticatorProvider(about -> anybody);
        }

        @Override
        public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
    }
}
