/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.protocol.header.UpdateConsumerOffsetRequestHeader;
import org.apache.rocketmq.common.subscription.SubscriptionGroupConfig;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.polymq.broker.config.ServerConfig;
import org.polymq.jms.PolyMQConnectionFactory;

/**
 * Writes a data directory with something of everything, and packs it: what {@link UpgradeTest} opens with later
 * versions. Run once for each release, with the release: {@code OldData FILE.zip}.
 */
final class OldData {
    static final String USER = "admin";
    static final int ORDERS = 10;
    static final int ORDERS_DONE = 3;
    static final int NEWS = 5;
    static final int READINGS = 5;
    static final int SETTINGS = 1_600;
    static final int BILLS = 4;
    static final long BILLS_DONE = 2;
    /** Begins the topics of the settings: so long that together they are too large for memory and go to RocksDB. */
    static final String SETTINGS_TOPIC = "settings/" + "s".repeat(950) + "/";

    private OldData() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("polymq-old");
        Path data = directory.resolve("data");
        LogSetup.level("error");
        try (Server server = Server.open(config(data, "mqtt.retention=1s"))) {
            write(server, Files.readString(data.resolve("admin-password")).strip());
            await().until(() -> hasCleanedSegment(data));
        }
        pack(data, Path.of(arguments[0]));
    }

    /** The settings under which nothing of it grows old. */
    static ServerConfig config(Path data, String... more) {
        List<String> sets = new ArrayList<>(List.of(
                "data=" + data,
                "log.level=error",
                "security.enabled=true",
                "security.anonymous-user=" + USER, // RocketMQ's access keys need a library that is not here
                "security.password-iterations=1000",
                "storage.segment-size=256KB",
                "storage.views-memory=8MB",
                "storage.retention=36500d",
                "mqtt.retention=36500d",
                "mqtt.session-expiry=36500d",
                "subscriptions.max-age=0s"));
        for (String port :
                List.of("nameserver.port", "native.port", "mqtt.port", "mqtt.websocket-port", "dashboard.port")) {
            sets.add(port + "=0");
        }
        sets.addAll(List.of(more));
        return ServerConfig.load(null, Map.of(), sets);
    }

    private static void write(Server server, String password) throws Exception {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory("polymq://" + at(server, "native"));
                JMSContext jms = factory.createContext(USER, password, JMSContext.CLIENT_ACKNOWLEDGE)) {
            jms.setClientID("desk");
            writeJms(jms);
        }
        MqttClient mqtt = connect(server, password, "meter");
        writeMqtt(mqtt, server, password);
        DefaultMQProducer producer = new DefaultMQProducer("cashier");
        producer.setNamesrvAddr(at(server, "nameserver"));
        producer.start();
        try {
            writeNative(producer, server);
        } finally {
            producer.shutdown();
        }
    }

    private static void writeJms(JMSContext jms) throws Exception {
        JMSProducer producer = jms.createProducer();
        for (int i = 0; i < ORDERS; i++) {
            producer.setPriority(4).setProperty("number", i).send(jms.createQueue("orders"), "order " + i);
        }
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue("orders"))) {
            for (int i = 0; i < ORDERS_DONE; i++) {
                consumer.receive(10_000).acknowledge();
            }
        }
        jms.createDurableConsumer(jms.createTopic("news"), "reader").close();
        for (int i = 0; i < NEWS; i++) {
            producer.send(jms.createTopic("news"), "news " + i);
        }
        producer.setDeliveryDelay(60_000).send(jms.createQueue("later"), "in a minute");
    }

    private static void writeMqtt(MqttClient mqtt, Server server, String password) throws Exception {
        mqtt.subscribe("meters/#", 1);
        mqtt.disconnect();
        mqtt.close();
        MqttClient other = connect(server, password, "other");
        try {
            for (int i = 0; i < READINGS; i++) {
                publish(other, "meters/" + i, "reading " + i, false);
            }
            for (int i = 0; i < 300; i++) {
                publish(other, "noise/" + i % 9, "n".repeat(1_000), false); // so that its segment is worth cleaning
            }
            for (int i = 0; i < SETTINGS; i++) {
                publish(other, SETTINGS_TOPIC + i, "setting " + i, true);
            }
            other.disconnect();
        } finally {
            other.close();
        }
    }

    static MqttClient connect(Server server, String password, String client) throws Exception {
        MqttClient mqtt = new MqttClient("tcp://" + at(server, "mqtt"), client, new MemoryPersistence());
        mqtt.setTimeToWait(60_000);
        mqtt.connect(options(password));
        return mqtt;
    }

    static MqttConnectionOptions options(String password) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setSessionExpiryInterval(0xffffffffL);
        options.setUserName(USER);
        options.setPassword(password.getBytes(UTF_8));
        return options;
    }

    private static void publish(MqttClient mqtt, String topic, String text, boolean retained) throws Exception {
        mqtt.publish(topic, new MqttMessage(text.getBytes(UTF_8), 1, retained, new MqttProperties()));
    }

    private static void writeNative(DefaultMQProducer producer, Server server) throws Exception {
        MQClientAPIImpl api = api(producer);
        api.putKVConfigValue("SHOP", "opening", "8:00", 10_000);
        long queue = -1;
        for (int i = 0; i < BILLS; i++) {
            Message message = new Message("bills", "cash", "key" + i, ("bill " + i).getBytes(UTF_8));
            SendResult result = producer.send(message, (queues, ignored, same) -> queues.get(0), null);
            queue = result.getMessageQueue().getQueueId();
        }
        SubscriptionGroupConfig group = new SubscriptionGroupConfig();
        group.setGroupName("accounts");
        api.createSubscriptionGroup(at(server, "native"), group, 10_000);
        UpdateConsumerOffsetRequestHeader offset = new UpdateConsumerOffsetRequestHeader();
        offset.setConsumerGroup("accounts");
        offset.setTopic("bills");
        offset.setQueueId((int) queue);
        offset.setCommitOffset(BILLS_DONE);
        api.updateConsumerOffset(at(server, "native"), offset, 10_000);
    }

    @SuppressWarnings("deprecation") // the supported way is the admin tools, a library of their own
    static MQClientAPIImpl api(DefaultMQProducer producer) {
        return producer.getDefaultMQProducerImpl().getmQClientFactory().getMQClientAPIImpl();
    }

    static String at(Server server, String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .map(line -> "127.0.0.1:" + line.address().getPort())
                .findFirst()
                .orElseThrow();
    }

    static boolean hasCleanedSegment(Path data) throws IOException {
        for (Path segment : files(data, ".segment")) {
            try (InputStream in = Files.newInputStream(segment)) {
                if (ByteBuffer.wrap(in.readNBytes(4)).getInt() == 0x504d5143) { // PMQC
                    return true;
                }
            }
        }
        return false;
    }

    static List<Path> files(Path data, String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            return all.filter(Files::isRegularFile)
                    .filter(each -> each.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static void pack(Path data, Path zip) throws IOException {
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            for (Path each : files(data, "")) {
                String name = data.relativize(each).toString();
                // Made by each start, or never read.
                if (!Set.of("reserve", "lock", "holder").contains(name)
                        && !name.startsWith("audit/")
                        && !name.startsWith("views/")) {
                    out.putNextEntry(new ZipEntry(name));
                    Files.copy(each, out);
                    out.closeEntry();
                }
            }
        }
    }
}
