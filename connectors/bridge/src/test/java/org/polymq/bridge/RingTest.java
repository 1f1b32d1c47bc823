/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.bridge.kills.Artemis;

/**
 * Two of our brokers, a real Mosquitto and a real Artemis, joined so that everything could go round for ever: whichever
 * broker a message begins at, each gets it once. {@code bin/verify bridges} runs it.
 */
@EnabledIfSystemProperty(named = "polymq.bridges", matches = ".+")
class RingTest {
    private static final int EACH = 10;
    private static final Path BENCHMARKS =
            Path.of("../../benchmarks").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    private Mosquitto mosquitto;
    private Artemis artemis;
    private JMSContext atArtemis;
    private final List<String> heardAtArtemis = new CopyOnWriteArrayList<>();
    private BridgeBed first;
    private BridgeBed second;

    @BeforeEach
    void start() throws Exception {
        mosquitto = new Mosquitto(directory.resolve("mosquitto"));
        mosquitto.listen("ring/x");
        artemis = new Artemis(directory.resolve("artemis"), BENCHMARKS);
        artemis.start();
        atArtemis = artemis.factory().createContext();
        atArtemis.createConsumer(atArtemis.createTopic("ring.x")).setMessageListener(this::heard);
        first = bed("first");
        second = bed("second");
    }

    @AfterEach
    void stop() {
        Stream.of(first, second, atArtemis, artemis, mosquitto).forEach(RingTest::close);
    }

    private static void close(AutoCloseable part) {
        try {
            if (part != null) {
                part.close();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private BridgeBed bed(String name) throws Exception {
        Path own = directory.resolve(name);
        Files.createSymbolicLink(
                Files.createDirectories(own.resolve("plugins")).resolve("artemis"),
                BENCHMARKS.resolve("artemis/target/lib"));
        BridgeBed bed = new BridgeBed(own, "bridge");
        bed.subscribe("ring/x");
        bed.listen(BridgeBed.ARRIVED);
        return bed;
    }

    private void heard(Message message) {
        try {
            heardAtArtemis.add(
                    message.isBodyAssignableTo(byte[].class) && !message.isBodyAssignableTo(String.class)
                            ? new String(message.getBody(byte[].class), java.nio.charset.StandardCharsets.UTF_8)
                            : message.getBody(String.class));
        } catch (jakarta.jms.JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Test
    void aRingOfFourBrokersThatHaveNames() throws Exception {
        first.define("to-mosquitto", named("first", "mosquitto", "out"));
        first.define("from-artemis", named("first", "artemis", "in"));
        second.define("from-mosquitto", named("second", "mosquitto", "in"));
        second.define("to-artemis", named("second", "artemis", "out"));
        BridgeBed.soon()
                .until(() -> first.isRunning("to-mosquitto")
                        && first.isRunning("from-artemis")
                        && second.isRunning("from-mosquitto")
                        && second.isRunning("to-artemis"));

        publishAt("first", "second", "mosquitto", "artemis");

        // Each message ends at the bridge before the broker it began at.
        BridgeBed.soon().untilAsserted(() -> {
            assertThat(skipped(first, "to-mosquitto")).isEqualTo(EACH);
            assertThat(skipped(first, "from-artemis")).isEqualTo(EACH);
            assertThat(skipped(second, "from-mosquitto")).isEqualTo(EACH);
            assertThat(skipped(second, "to-artemis")).isEqualTo(EACH);
        });
        List<String> all = texts("first", "second", "mosquitto", "artemis");
        assertThat(first.arrivedTexts()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(second.arrivedTexts()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(mosquitto.heard.stream().map(line -> line.substring("ring/x ".length())))
                .containsExactlyInAnyOrderElementsOf(all);
        assertThat(heardAtArtemis).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void twoBrokersThatShareATopicOfArtemisBothWays() throws Exception {
        Map<String, String> both = new HashMap<>(to("artemis"));
        both.put("out", "ring/x");
        both.put("in", "ring/x");
        first.create(both);
        second.create(both);

        publishAt("first", "second", "artemis");

        // Its own come back, and those of the two others are not sent back.
        BridgeBed.soon().untilAsserted(() -> {
            assertThat(skipped(first, "b")).isEqualTo(3 * EACH);
            assertThat(skipped(second, "b")).isEqualTo(3 * EACH);
        });
        List<String> all = texts("first", "second", "artemis");
        assertThat(first.arrivedTexts()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(second.arrivedTexts()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(heardAtArtemis).containsExactlyInAnyOrderElementsOf(all);
    }

    private Map<String, String> named(String own, String remote, String direction) {
        Map<String, String> options = new HashMap<>(to(remote));
        options.put("local-id", own);
        options.put("remote-id", remote);
        options.put(direction, "ring/x");
        return options;
    }

    private Map<String, String> to(String remote) {
        if (remote.equals("mosquitto")) {
            return Map.of("protocol", "mqtt", "url", mosquitto.plainUrl());
        }
        Map<String, String> options = artemis.definition();
        options.remove("out");
        options.remove("in");
        return options;
    }

    private void publishAt(String... brokers) throws Exception {
        for (String text : texts(brokers)) {
            switch (text.substring(0, text.indexOf(' '))) {
                case "first" -> first.publish("ring/x", text);
                case "second" -> second.publish("ring/x", text);
                case "mosquitto" -> mosquitto.publish("ring/x", text);
                default -> atArtemis.createProducer().send(atArtemis.createTopic("ring.x"), text);
            }
        }
    }

    private static List<String> texts(String... brokers) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            for (String broker : brokers) {
                texts.add(broker + " " + i);
            }
        }
        return texts;
    }

    private static long skipped(BridgeBed bed, String bridge) {
        return bed.runner().get(bridge).counts().skipped();
    }
}
