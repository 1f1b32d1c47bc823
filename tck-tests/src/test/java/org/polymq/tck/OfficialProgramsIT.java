/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.server.Endpoints;

/** Example and command-line programs of other projects, unmodified. */
@SuppressWarnings("try") // what is opened works while it is open
class OfficialProgramsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern FAILED =
            Pattern.compile("Send Failed: (\\d+) \\| Response Failed: (\\d+)", Pattern.CASE_INSENSITIVE);

    private static final Pattern SENDING = Pattern.compile("Send TPS: [1-9]");
    private static final Pattern CONSUMING = Pattern.compile("Consume TPS: [1-9].*Consume Fail: 0");

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    @Test
    void rocketMqQuickstartSendsAndConsumesAThousandMessages() throws Exception {
        String nameServer = SERVER.at().nameServer();

        try (Program producer = Program.rocketMqExample(nameServer, "quickstart.Producer")) {
            List<String> sent = producer.awaitEnd(PATIENCE);

            assertThat(sent)
                    .filteredOn(line -> line.contains("sendStatus=SEND_OK"))
                    .hasSize(1_000);
            assertThat(sent).noneMatch(line -> line.contains("Exception"));
        }
        try (Program consumer = Program.rocketMqExample(nameServer, "quickstart.Consumer")) {
            consumer.awaitLines("Receive New Messages", 1_000, PATIENCE);
        }
    }

    @Test
    void rocketMqBenchmarkProgramsRunWithoutAFailedSend() throws Exception {
        String nameServer = SERVER.at().nameServer();

        try (Program producer = Program.rocketMqExample(
                nameServer, "benchmark.Producer", "-t", "BenchmarkTest", "-w", "16", "-s", "128", "-n", nameServer)) {
            // The producer makes the topic. A consumer that came before would look for its route every 30 s only.
            producer.awaitLine(SENDING, PATIENCE);
            try (Program consumer = Program.rocketMqExample(
                    nameServer, "benchmark.Consumer", "-t", "BenchmarkTest", "-n", nameServer)) {
                consumer.awaitLine(CONSUMING, PATIENCE);
            }

            assertThat(producer.lines())
                    .filteredOn(line -> line.contains("Send TPS"))
                    .allSatisfy(OfficialProgramsIT::nothingFailed);
        }
    }

    @Test
    void mosquittoCommandsPublishAndSubscribe(@TempDir Path directory) throws Exception {
        assumeTrue(
                Program.exists("mosquitto_pub") && Program.exists("mosquitto_sub"),
                "mosquitto-clients are not installed");
        String port = Integer.toString(Endpoints.port(SERVER.at().mqtt()));
        Path payload = Files.write(
                directory.resolve("payload"), "twenty-one degrees".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (String version : List.of("311", "5")) {
            for (String qos : List.of("0", "1", "2")) {
                String topic = "house/" + version + "/" + qos;
                try (Program subscriber = Program.run(
                        "stdbuf", // it writes to a pipe in blocks otherwise
                        "-oL",
                        "mosquitto_sub",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        port,
                        "-V",
                        version,
                        "-q",
                        qos,
                        "-t",
                        topic + "/#",
                        "-C",
                        "1",
                        "-d",
                        "-v")) {
                    subscriber.awaitLines("Subscribed", 1, PATIENCE);
                    try (Program publisher = Program.run(
                            "mosquitto_pub",
                            "-h",
                            "127.0.0.1",
                            "-p",
                            port,
                            "-V",
                            version,
                            "-q",
                            qos,
                            "-t",
                            topic + "/room",
                            "-f",
                            payload.toString())) {
                        publisher.awaitEnd(PATIENCE);
                        assertThat(publisher.exitCode()).isZero();
                    }
                    assertThat(subscriber.awaitEnd(PATIENCE)).contains(topic + "/room twenty-one degrees");
                    assertThat(subscriber.exitCode()).isZero();
                }
            }
        }
    }

    @Test
    void mqttJsPublishesAndSubscribesOverTcpAndWebSocket(@TempDir Path directory) throws Exception {
        String modules = System.getenv().getOrDefault("NODE_PATH", "");
        assumeTrue(Program.exists("node"), "node is not installed");
        assumeTrue(!modules.isEmpty() && Files.isDirectory(Path.of(modules, "mqtt")), "MQTT.js is not in NODE_PATH");
        Path script = Files.writeString(directory.resolve("echo.js"), MQTT_JS);
        for (String url :
                List.of("mqtt://" + SERVER.at().mqtt(), "ws://" + SERVER.at().webSocket() + "/mqtt")) {
            for (String version : List.of("4", "5")) {
                try (Program program = Program.run("node", script.toString(), url, version)) {
                    assertThat(program.awaitEnd(PATIENCE)).contains("received 300 of 300 in order");
                    assertThat(program.exitCode()).isZero();
                }
            }
        }
    }

    private static void nothingFailed(String line) {
        Matcher matcher = FAILED.matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        assertThat(matcher.group(1)).as(line).isEqualTo("0");
        assertThat(matcher.group(2)).as(line).isEqualTo("0");
    }

    private static final String MQTT_JS = """
            const mqtt = require('mqtt');
            const [url, version] = process.argv.slice(2);
            const topic = 'js/' + url.split(':')[0] + '/' + version;
            const client = mqtt.connect(url, { protocolVersion: Number(version), reconnectPeriod: 0 });
            const received = [];
            client.on('error', error => { console.log('error ' + error); process.exit(1); });
            client.on('connect', () => client.subscribe(topic + '/+', { qos: 2 }, () => {
              for (let n = 0; n < 300; n++) client.publish(topic + '/n', String(n), { qos: n % 3 });
            }));
            client.on('message', (name, payload) => {
              received.push(Number(payload));
              if (received.length < 300) return;
              // Order holds within one quality of service; the three may overtake each other.
              const inOrder = [0, 1, 2].every(qos => {
                const mine = received.filter(n => n % 3 === qos);
                return mine.every((n, i) => n === 3 * i + qos);
              });
              console.log('received 300 of 300 ' + (inOrder ? 'in order' : 'out of order ' + received));
              client.end(false, () => process.exit(0));
            });
            """;
}
