/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.hivemq.client.mqtt.MqttClient;
import dagger.internal.DoubleCheck;
import io.reactivex.Flowable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.reactivestreams.Publisher;

/** Bridges to a Mosquitto. */
class MosquittoTest {
    @TempDir
    static Path shared;

    private static Mosquitto mosquitto;

    @TempDir
    Path directory;

    private BridgeBed bed;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Mosquitto.program().isPresent(), "mosquitto is not installed");
        mosquitto = new Mosquitto(shared);
        mosquitto.listen("out/#");
    }

    @AfterAll
    static void stop() {
        if (mosquitto != null) {
            mosquitto.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        mosquitto.heard.clear();
        copyClient(directory.resolve("plugins/own"));
        bed = new BridgeBed(directory, "bridge").with("plugin", "own");
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void bothWaysOverTlsWithAClientCertificate() throws Exception {
        Map<String, String> options = new HashMap<>();
        options.put("url", mosquitto.tlsUrl());
        options.put("out", "out/#");
        options.put("in", "in/#");
        options.put("tls.authority", Files.readString(mosquitto.server.certificate()));
        options.put("tls.certificate", Files.readString(mosquitto.client.certificate()));
        options.put("tls.key", Files.readString(mosquitto.client.key()));

        goesBothWays(options);

        assertThat(bed.runner().get("b").connector().shownConfig()).containsEntry("tls.key", "********");
    }

    @Test
    void withoutItsCertificateOrAnAuthorityItStaysDownAndSaysWhy() throws Exception {
        bed.define(Map.of(
                "url", mosquitto.tlsUrl(),
                "out", "out/#",
                "tls.authority", Files.readString(mosquitto.server.certificate())));
        BridgeBed.soon().until(() -> error().contains("cannot be connected to"));
        bed.runner().delete("b").get(60, TimeUnit.SECONDS);

        bed.define(Map.of("url", mosquitto.tlsUrl(), "out", "out/#"));
        BridgeBed.soon().until(() -> error().contains("certification path"));
        bed.publish("out/x", "kept");
        assertThat(bed.runner().get("b").lag()).isEqualTo(1);
    }

    private String error() {
        return bed.runner().get("b").status().tasks().stream()
                .filter(task -> task.state() == State.RETRYING)
                .map(task -> task.error())
                .findFirst()
                .orElse("");
    }

    @Test
    void bothWaysInVersion311() throws Exception {
        goesBothWays(Map.of("url", mosquitto.plainUrl(), "mqtt.version", "3.1.1", "out", "out/#", "in", "in/#"));
    }

    @Test
    void leavesNoThreadBehindWhenItIsStarted() throws Exception {
        bed.create(Map.of("url", mosquitto.plainUrl(), "out", "out/#", "in", "in/#"));
        for (int i = 0; i < 3; i++) {
            bed.runner().restart("b").get(60, TimeUnit.SECONDS);
            BridgeBed.soon().until(() -> bed.isRunning());
        }
        bed.runner().delete("b").get(60, TimeUnit.SECONDS);

        BridgeBed.soon()
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getContextClassLoader() instanceof RemoteCode));
    }

    /** So that the bridge has the client's classes for itself, as in the distribution. */
    private static void copyClient(Path jars) throws Exception {
        Files.createDirectories(jars);
        List<Class<?>> oneOfEach =
                List.of(MqttClient.class, Flowable.class, Publisher.class, DoubleCheck.class, Inject.class);
        for (Class<?> each : oneOfEach) {
            Path jar = Path.of(
                    each.getProtectionDomain().getCodeSource().getLocation().toURI());
            Files.copy(jar, jars.resolve(jar.getFileName()));
        }
    }

    private void goesBothWays(Map<String, String> options) throws Exception {
        bed.subscribe("in/#");
        bed.listen(BridgeBed.ARRIVED);
        bed.create(options);

        for (int i = 0; i < 20; i++) {
            bed.publish("out/x", Integer.toString(i));
            mosquitto.publish("in/y", Integer.toString(i));
        }

        BridgeBed.soon().until(() -> mosquitto.heard.size() == 20 && bed.arrived.size() == 20);
        for (int i = 0; i < 20; i++) {
            assertThat(mosquitto.heard.get(i)).isEqualTo("out/x " + i);
            assertThat(BridgeBed.text(bed.arrived.get(i).body())).isEqualTo(Integer.toString(i));
            assertThat(bed.arrived.get(i).address().name()).isEqualTo("in/y");
        }
        BridgeBed.soon().until(() -> bed.runner().get("b").lag() == 0);
    }
}
