/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.paho.client.mqttv3.DisconnectedBufferOptions;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.polymq.tck.server.Endpoints;

/**
 * Eclipse Paho's client for MQTT 3.1.1 with persistent sessions. After a lost connection it connects again by itself
 * and resends what was not acknowledged.
 */
public final class Mqtt3Protocol implements Protocol {
    private static final long WAIT_MILLIS = 60_000;

    private static final int KEPT = 1_000;

    private final int qos;
    private final boolean keeps;

    /** Publishes and subscribes with one quality of service. */
    public Mqtt3Protocol(int qos) {
        this(qos, false);
    }

    private Mqtt3Protocol(int qos, boolean keeps) {
        this.qos = qos;
        this.keeps = keeps;
    }

    /** The same, whose publishers keep what they are given while they connect again, and send it then. */
    public static Mqtt3Protocol keeping(int qos) {
        return new Mqtt3Protocol(qos, true);
    }

    @Override
    public String name() {
        return "mqtt3-qos" + qos;
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
        return publisher(server, identity, topic, false);
    }

    /** A publisher whose messages are retained. */
    public Publisher retainingPublisher(Endpoints server, String identity, String topic) throws MqttException {
        return publisher(server, identity, topic, true);
    }

    private Publisher publisher(Endpoints server, String identity, String topic, boolean retained)
            throws MqttException {
        MqttAsyncClient client = connect(server, identity, message -> {});
        if (keeps) {
            DisconnectedBufferOptions buffer = new DisconnectedBufferOptions();
            buffer.setBufferEnabled(true);
            buffer.setBufferSize(KEPT);
            client.setBufferOpts(buffer);
        }
        return new Publisher() {
            @Override
            public void publish(Outgoing outgoing) throws MqttException {
                String full = outgoing.path().map(path -> topic + "/" + path).orElse(topic);
                client.publish(full, outgoing.body(), qos, retained).waitForCompletion(WAIT_MILLIS);
            }

            @Override
            public void close() {
                Mqtt3Protocol.close(client);
            }
        };
    }

    @Override
    public Subscriber subscriber(Endpoints server, String identity, String topic, Consumer<Incoming> sink)
            throws MqttException {
        return subscriberTo(server, identity, topic + "/#", sink);
    }

    /** A subscriber to any filter. */
    public Subscriber subscriberTo(Endpoints server, String identity, String filter, Consumer<Incoming> sink)
            throws MqttException {
        MqttAsyncClient client = connect(server, identity, sink);
        client.subscribe(filter, qos).waitForCompletion(WAIT_MILLIS);
        return () -> close(client);
    }

    private static MqttAsyncClient connect(Endpoints server, String identity, Consumer<Incoming> sink)
            throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient("tcp://" + server.mqtt(), identity, new MemoryPersistence());
        client.setCallback(new MqttCallback() {
            @Override
            public void connectionLost(Throwable cause) {
                Revival.lost(client::isConnected, () -> tries(client));
            }

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                sink.accept(new Incoming(
                        message.getPayload(),
                        topic,
                        Map.of(
                                "#qos",
                                message.getQos(),
                                "#retained",
                                message.isRetained(),
                                "#dup",
                                message.isDuplicate()),
                        Optional.empty()));
            }

            @Override
            public void deliveryComplete(IMqttDeliveryToken token) {
                // Whoever published waits on the token.
            }
        });
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(false);
        options.setAutomaticReconnect(true);
        options.setMaxReconnectDelay(1_000);
        options.setKeepAliveInterval(30);
        options.setMaxInflight(1_000); // the client frees a place some time after it says that a message is complete
        client.connect(options).waitForCompletion(WAIT_MILLIS);
        return client;
    }

    private static boolean tries(MqttAsyncClient client) {
        try {
            client.reconnect();
            return true;
        } catch (MqttException e) {
            return e.getReasonCode() != MqttException.REASON_CODE_CLIENT_CLOSED;
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
}
