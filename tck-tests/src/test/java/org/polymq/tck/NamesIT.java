/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;

/** A name given in one protocol, read in another and used there again, is the name that was given. */
@SuppressWarnings("try") // what is opened works while it is open
class NamesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    @Test
    void mqttNamesComeBackFromJms() throws Exception {
        Set<String> names = randomNames(Tier.choose(100, 1_000));
        Map<String, String> seenByJms = new ConcurrentHashMap<>();
        try (Connection connection = JmsProtocol.factory(SERVER.at()).createConnection();
                Publisher mqtt = Mqtt5Protocol.topics(1).publisher(SERVER.at(), "names-jms-publisher", "")) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createTopic(">")).setMessageListener(message -> {
                try {
                    Incoming incoming = JmsProtocol.incoming(message);
                    seenByJms.put(text(incoming), incoming.topic());
                } catch (jakarta.jms.JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
            connection.start();
            publishEach(mqtt, names);
            await().atMost(PATIENCE).until(() -> seenByJms.keySet().containsAll(names));
        }

        for (String name : names) {
            assertThat(seenByJms.get(name)).as("JMS name of '%s'", name).isEqualTo(jmsName(name));
        }
        Map<String, String> seenByMqtt = new ConcurrentHashMap<>();
        try (Subscriber subscriber = all(seenByMqtt);
                Connection connection = JmsProtocol.factory(SERVER.at()).createConnection()) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            for (String name : names) {
                var message = session.createBytesMessage();
                message.writeBytes(name.getBytes(StandardCharsets.UTF_8));
                session.createProducer(session.createTopic(seenByJms.get(name))).send(message);
            }
            await().atMost(PATIENCE).until(() -> seenByMqtt.keySet().containsAll(names));
        }
        assertThat(seenByMqtt).allSatisfy((given, seen) -> assertThat(seen).isEqualTo(given));
    }

    @Test
    void mqttNamesComeBackFromNative() throws Exception {
        // The client under test refuses a blank TOPIC_PATH, so those names cannot be sent back with it.
        Set<String> names = randomNames(Tier.choose(25, 100));
        names.removeIf(name ->
                name.contains("/") && name.substring(name.indexOf('/') + 1).isBlank());
        Map<String, String> seenByNative = new ConcurrentHashMap<>();
        Protocol rocketMq = RocketMqVersion.V5.protocol();
        Map<String, String> topics = new HashMap<>();
        try (Publisher mqtt = Mqtt5Protocol.topics(1).publisher(SERVER.at(), "names-native-publisher", "")) {
            publishEach(mqtt, names);
        }
        for (String name : names) {
            topics.put(name, nativeTopic(name));
        }
        for (String topic : new LinkedHashSet<>(topics.values())) {
            long wanted = topics.values().stream().filter(topic::equals).count();
            Set<String> here = ConcurrentHashMap.newKeySet();
            try (Subscriber subscriber = rocketMq.subscriber(
                    SERVER.at(), "names-" + Integer.toHexString(topic.hashCode()), topic, incoming -> {
                        seenByNative.put(text(incoming), incoming.topic());
                        here.add(text(incoming));
                    })) {
                await("native topic " + topic).atMost(PATIENCE).until(() -> here.size() == wanted);
            }
        }
        Map<String, String> seenByMqtt = new ConcurrentHashMap<>();
        try (Subscriber subscriber = all(seenByMqtt)) {
            for (String name : names) {
                String topic = nativeTopic(name);
                String seen = Objects.requireNonNull(seenByNative.get(name), name);
                try (Publisher publisher = rocketMq.publisher(SERVER.at(), "names-back", topic)) {
                    Outgoing message = Outgoing.of(name.getBytes(StandardCharsets.UTF_8));
                    publisher.publish(
                            seen.equals(topic) ? message : message.withPath(seen.substring(topic.length() + 1)));
                }
            }
            await().atMost(PATIENCE).until(() -> seenByMqtt.keySet().containsAll(names));
        }
        assertThat(seenByMqtt).allSatisfy((given, seen) -> assertThat(seen).isEqualTo(given));
    }

    private static Set<String> randomNames(int count) {
        RandomNames random = new RandomNames(new Random(Tier.seed()));
        Set<String> names = new LinkedHashSet<>();
        while (names.size() < count) {
            names.add(random.next());
        }
        return names;
    }

    private static void publishEach(Publisher mqtt, Set<String> names) throws Exception {
        for (String name : names) {
            // The publisher puts its topic and a '/' in front of a path; these names are whole.
            mqtt.publish(Outgoing.of(name.getBytes(StandardCharsets.UTF_8)).withPath(name));
        }
    }

    private static Subscriber all(Map<String, String> seen) throws Exception {
        return Mqtt5Protocol.topics(1)
                .subscriberTo(SERVER.at(), "names-reader", "#", incoming -> seen.put(text(incoming), incoming.topic()));
    }

    private static String text(Incoming incoming) {
        return new String(incoming.body(), StandardCharsets.UTF_8);
    }

    /** The rule: '.' for '/', and '.' '%' '*' '&gt;' inside a level as escapes. */
    private static String jmsName(String mqtt) {
        return mqtt.replace("%", "%25")
                .replace(".", "%2E")
                .replace("*", "%2A")
                .replace(">", "%3E")
                .replace('/', '.');
    }

    /**
     * The rule: bytes outside the native alphabet as %XX; a '%' as %25 only where it would start such a code. "%41" is
     * none, since an 'A' is never written as a code.
     */
    private static String nativeTopic(String mqtt) {
        String level = mqtt.contains("/") ? mqtt.substring(0, mqtt.indexOf('/')) : mqtt;
        byte[] bytes = level.getBytes(StandardCharsets.UTF_8);
        StringBuilder topic = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) (bytes[i] & 0xFF);
            if (c == '%') {
                topic.append(startsCode(bytes, i) ? "%25" : "%");
            } else if (isPlain(c)) {
                topic.append(c);
            } else {
                topic.append(String.format("%%%02X", (int) c));
            }
        }
        return topic.toString();
    }

    private static boolean isPlain(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '|' || c == '-');
    }

    private static boolean startsCode(byte[] bytes, int at) {
        if (at + 2 >= bytes.length || !isHex(bytes[at + 1]) || !isHex(bytes[at + 2])) {
            return false;
        }
        int code = Integer.parseInt(new String(bytes, at + 1, 2, StandardCharsets.US_ASCII), 16);
        return code >= ' ' && code < 127 && !isPlain((char) code);
    }

    private static boolean isHex(byte b) {
        return "0123456789ABCDEF".indexOf(b) >= 0;
    }
}
