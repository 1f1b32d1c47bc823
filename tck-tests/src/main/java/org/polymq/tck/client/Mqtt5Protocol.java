/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.client.DisconnectedBufferOptions;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.polymq.tck.server.Endpoints;

/** Eclipse Paho's client for MQTT 5 with sessions that outlive their connection. */
public final class Mqtt5Protocol implements Protocol {
    private static final long WAIT_MILLIS = 60_000;
    private static final long SESSION_SECONDS = 3_600;
    private static final int KEPT = 1_000;

    private final int qos;
    private final boolean queues;
    private final boolean keeps;

    private Mqtt5Protocol(int qos, boolean queues, boolean keeps) {
        this.qos = qos;
        this.queues = queues;
        this.keeps = keeps;
    }

    /** Topics, whose publishers keep what they are given while they connect again, and send it then. */
    public static Mqtt5Protocol keeping(int qos) {
        return new Mqtt5Protocol(qos, false, true);
    }

    /** Topics, with one quality of service for publishing and subscribing. */
    public static Mqtt5Protocol topics(int qos) {
        return new Mqtt5Protocol(qos, false, false);
    }

    /** Queues, as {@code $queue/NAME}. */
    public static Mqtt5Protocol queues(int qos) {
        return new Mqtt5Protocol(qos, true, false);
    }

    @Override
    public String name() {
        return "mqtt5-qos" + qos + (queues ? "-queue" : "");
    }

    @Override
    public String toString() {
        return name();
    }

    @Override
    public boolean reconnects() {
        return true;
    }

    @Override
    public Publisher publisher(Endpoints server, String identity, String topic) throws MqttException {
        MqttAsyncClient client = connect(server, identity, message -> {});
        if (keeps) {
            DisconnectedBufferOptions buffer = new DisconnectedBufferOptions();
            buffer.setBufferEnabled(true);
            buffer.setBufferSize(KEPT);
            client.setBufferOpts(buffer);
        }
        return new Publisher() {
            @Override
            public void publish(Outgoing outgoing) throws Exception {
                MqttMessage message = new MqttMessage(outgoing.body(), qos, false, properties(outgoing));
                IMqttToken token = client.publish(place(topic, outgoing), message);
                token.waitForCompletion(WAIT_MILLIS);
                int reason = token.getReasonCodes() == null || token.getReasonCodes().length == 0
                        ? 0
                        : token.getReasonCodes()[0];
                if (reason >= 0x80) {
                    throw new RefusedException("reason 0x" + Integer.toHexString(reason), new MqttException(reason));
                }
            }

            @Override
            public void close() {
                Mqtt5Protocol.close(client);
            }
        };
    }

    @Override
    public Subscriber subscriber(Endpoints server, String identity, String topic, Consumer<Incoming> sink)
            throws MqttException {
        return subscriberTo(server, identity, queues ? "$queue/" + topic : topic + "/#", sink);
    }

    /** A subscriber to any filter. */
    public Subscriber subscriberTo(Endpoints server, String identity, String filter, Consumer<Incoming> sink)
            throws MqttException {
        MqttAsyncClient client = connect(server, identity, sink);
        client.subscribe(filter, qos).waitForCompletion(WAIT_MILLIS);
        return () -> close(client);
    }

    /** The topic and the path below it; an empty topic leaves the whole name to the path. */
    private String place(String topic, Outgoing outgoing) {
        if (queues) {
            return "$queue/" + topic;
        }
        return outgoing.path()
                .map(path -> topic.isEmpty() ? path : topic + "/" + path)
                .orElse(topic);
    }

    private static MqttProperties properties(Outgoing outgoing) {
        List<UserProperty> user = new ArrayList<>();
        outgoing.properties().forEach((key, value) -> user.add(new UserProperty(key, value.toString())));
        outgoing.keys().ifPresent(keys -> user.add(new UserProperty("KEYS", keys)));
        outgoing.tag().ifPresent(tag -> user.add(new UserProperty("TAGS", tag)));
        MqttProperties properties = new MqttProperties();
        properties.setUserProperties(user);
        return properties;
    }

    private static MqttAsyncClient connect(Endpoints server, String identity, Consumer<Incoming> sink)
            throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient("tcp://" + server.mqtt(), identity, new MemoryPersistence());
        client.setCallback(new Callback(
                sink, new ConcurrentHashMap<>(), () -> Revival.lost(client::isConnected, () -> tries(client))));
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setSessionExpiryInterval(SESSION_SECONDS);
        options.setAutomaticReconnect(true);
        // The client doubles one delay for all its instances in the process, up to two minutes, unless this forbids it.
        options.setMaxReconnectDelay(1_000);
        options.setKeepAliveInterval(30);
        client.connect(options).waitForCompletion(WAIT_MILLIS);
        return client;
    }

    private static boolean tries(MqttAsyncClient client) {
        try {
            client.reconnect();
            return true;
        } catch (MqttException e) {
            return e.getReasonCode() != MqttClientException.REASON_CODE_CLIENT_CLOSED;
        }
    }

    private static void close(MqttAsyncClient client) {
        try {
            if (client.isConnected()) {
                client.disconnect().waitForCompletion(WAIT_MILLIS);
            }
            client.close(true);
        } catch (MqttException e) {
            throw new IllegalStateException("MQTT client does not close", e);
        }
    }

    /**
     * Hands over what arrives. At QoS 2 the client shows a message again that is resent because its PUBREC was lost,
     * and hides the DUP flag; so a body that the same packet identifier brought last is left out here.
     */
    private record Callback(Consumer<Incoming> sink, Map<Integer, Integer> lastBodies, Runnable lost)
            implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            if (message.getQos() == 2) {
                Integer body = Arrays.hashCode(message.getPayload());
                if (body.equals(lastBodies.put(message.getId(), body))) {
                    return;
                }
            }
            Map<String, Object> properties = new TreeMap<>();
            properties.put("#qos", message.getQos());
            properties.put("#retained", message.isRetained());
            MqttProperties details = message.getProperties();
            if (details != null) {
                details.getUserProperties().forEach(user -> properties.put(user.getKey(), user.getValue()));
                if (details.getCorrelationData() != null) {
                    properties.put("#correlation", details.getCorrelationData());
                }
                if (details.getResponseTopic() != null) {
                    properties.put("#responseTopic", details.getResponseTopic());
                }
                if (details.getContentType() != null) {
                    properties.put("#contentType", details.getContentType());
                }
                properties.put("#utf8", details.getPayloadFormat());
                if (details.getMessageExpiryInterval() != null) {
                    properties.put("#expiry", details.getMessageExpiryInterval());
                }
            }
            sink.accept(new Incoming(message.getPayload(), topic, properties, Optional.empty()));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            lost.run();
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            // Told again by the call that failed, or followed by a disconnect.
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Whoever published waits on the token.
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            // The session still has its subscriptions.
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            // No extended authentication is used.
        }
    }
}
