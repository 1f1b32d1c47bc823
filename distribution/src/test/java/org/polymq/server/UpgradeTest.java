/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.polymq.jms.PolyMQConnectionFactory;

/**
 * The data directory of each release opens with this version, and all of it is there. {@link OldData} wrote them; they
 * are never written again once their version is released. Until 0.1.0 is, a change of a format writes it anew.
 */
class UpgradeTest {
    private static final int PATIENCE = 30_000;

    static Stream<String> releases() {
        return Stream.of("0.1.0");
    }

    @ParameterizedTest
    @MethodSource("releases")
    void opensWhatAReleaseWrote(String release, @TempDir Path directory) throws Exception {
        Path data = unpack(release, directory.resolve("data"));
        assertThat(OldData.hasCleanedSegment(data)).isTrue();
        assertThat(OldData.files(data, ".index")).isNotEmpty();
        assertThat(OldData.files(data, ".sst")).as("files of RocksDB").isNotEmpty();

        String password = Files.readString(data.resolve("admin-password")).strip();
        try (Server server = Server.open(OldData.config(data))) {
            checkJms(server, password);
            checkMqtt(server, password);
            checkNative(server);
        }
        Server.open(OldData.config(data)).close(); // and once more what this version made of it
    }

    private static void checkJms(Server server, String password) throws JMSException {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory("polymq://" + OldData.at(server, "native"));
                JMSContext jms = factory.createContext(OldData.USER, password)) {
            jms.setClientID("desk");
            try (JMSConsumer orders = jms.createConsumer(jms.createQueue("orders"))) {
                for (int i = OldData.ORDERS_DONE; i < OldData.ORDERS; i++) {
                    Message order = orders.receive(PATIENCE);
                    assertThat(order.getBody(String.class)).isEqualTo("order " + i);
                    assertThat(order.getIntProperty("number")).isEqualTo(i);
                }
                assertThat(orders.receiveNoWait()).isNull();
            }
            JMSConsumer news = jms.createDurableConsumer(jms.createTopic("news"), "reader");
            for (int i = 0; i < OldData.NEWS; i++) {
                assertThat(news.receiveBody(String.class, PATIENCE)).isEqualTo("news " + i);
            }
            JMSConsumer later = jms.createConsumer(jms.createQueue("later"));
            assertThat(later.receiveBody(String.class, PATIENCE)).isEqualTo("in a minute");
        }
    }

    private static void checkMqtt(Server server, String password) throws Exception {
        Map<String, String> arrived = new ConcurrentHashMap<>();
        MqttClient mqtt = new MqttClient("tcp://" + OldData.at(server, "mqtt"), "meter", new MemoryPersistence());
        mqtt.setTimeToWait(PATIENCE);
        try {
            mqtt.setCallback(
                    new Arriving((topic, message) -> arrived.put(topic, new String(message.getPayload(), UTF_8))));
            assertThat(mqtt.connectWithResult(OldData.options(password)).getSessionPresent())
                    .isTrue();
            await().until(() -> arrived.size() == OldData.READINGS);
            IntStream.range(0, OldData.READINGS)
                    .forEach(i -> assertThat(arrived).containsEntry("meters/" + i, "reading " + i));

            mqtt.subscribe("settings/#", 1);
            await().until(() -> arrived.size() == OldData.READINGS + OldData.SETTINGS);
            assertThat(arrived).containsEntry(OldData.SETTINGS_TOPIC + 7, "setting 7");
            mqtt.disconnect();
        } finally {
            mqtt.close();
        }
    }

    @SuppressWarnings("deprecation") // the simplest consumer there is
    private static void checkNative(Server server) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("cashier");
        producer.setNamesrvAddr(OldData.at(server, "nameserver"));
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("accounts");
        consumer.setNamesrvAddr(OldData.at(server, "nameserver"));
        try {
            producer.start();
            consumer.start();
            assertThat(OldData.api(producer).getKVConfigValue("SHOP", "opening", 10_000))
                    .isEqualTo("8:00");
            List<String> bills = new ArrayList<>();
            List<Long> offsets = new ArrayList<>();
            for (MessageQueue queue : consumer.fetchSubscribeMessageQueues("bills")) {
                offsets.add(consumer.fetchConsumeOffset(queue, true));
                List<MessageExt> found = consumer.pull(queue, "cash", 0, 32).getMsgFoundList();
                if (found != null) {
                    found.forEach(each -> bills.add(each.getKeys() + " " + new String(each.getBody(), UTF_8)));
                }
            }
            assertThat(bills).containsExactly("key0 bill 0", "key1 bill 1", "key2 bill 2", "key3 bill 3");
            assertThat(offsets).contains(OldData.BILLS_DONE);
        } finally {
            consumer.shutdown();
            producer.shutdown();
        }
    }

    private static Path unpack(String release, Path data) throws IOException {
        URL zip = UpgradeTest.class.getResource("/upgrade/" + release + ".zip");
        assertThat(zip).as("the data directory of " + release).isNotNull();
        try (InputStream file = zip.openStream();
                ZipInputStream in = new ZipInputStream(file)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path to = data.resolve(entry.getName());
                Files.createDirectories(to.getParent());
                Files.copy(in, to);
                Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
            }
        }
        return data;
    }
}
