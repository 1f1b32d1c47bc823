/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/** Eclipse Paho, MQTT 5, QoS 1 both ways. */
final class MqttBenchClient implements BenchClient {
    private static final int QOS = 1;

    private final String uri;
    private final String topic;
    private final @Nullable String user;
    private final @Nullable String password;
    private final AtomicInteger number = new AtomicInteger();
    private @Nullable MqttAsyncClient receiving;

    /** @param user null while the server asks for no login */
    MqttBenchClient(String host, int port, String topic, @Nullable String user, @Nullable String password) {
        this.uri = "tcp://" + host + ":" + port;
        this.topic = topic;
        this.user = user;
        this.password = password;
    }

    private MqttAsyncClient connect(@Nullable MqttCallback callback) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(
                uri,
                topic + "-" + number.incrementAndGet() + "-"
                        + ProcessHandle.current().pid(),
                new MemoryPersistence());
        if (callback != null) {
            client.setCallback(callback);
        }
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setReceiveMaximum(1_000);
        if (user != null) {
            options.setUserName(user);
            options.setPassword((password == null ? "" : password).getBytes(UTF_8));
        }
        client.connect(options).waitForCompletion();
        return client;
    }

    @Override
    public void consume(Consumer<byte[]> each) throws MqttException {
        MqttAsyncClient client = connect(new Arriving(each));
        receiving = client;
        client.subscribe(topic, QOS).waitForCompletion();
    }

    @Override
    public Sender sender() throws MqttException {
        MqttAsyncClient client = connect(null);
        return new Sender() {
            @Override
            public void send(byte[] body) throws MqttException {
                client.publish(topic, body, QOS, false).waitForCompletion();
            }

            @Override
            public void close() {
                end(client);
            }
        };
    }

    private static void end(MqttAsyncClient client) {
        try {
            if (client.isConnected()) {
                client.disconnect().waitForCompletion();
            }
            client.close();
        } catch (MqttException e) {
            throw new IllegalStateException("a client of the benchmark cannot be closed", e);
        }
    }

    @Override
    public void close() {
        if (receiving != null) {
            end(receiving);
        }
    }

    /** Hands bodies on. */
    private record Arriving(Consumer<byte[]> each) implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            each.accept(message.getPayload());
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            // The benchmark ends without what is missing.
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            // Likewise.
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // A receiver sends nothing.
        }

        @Override
        public void connectComplete(boolean reconnect, String server) {
            // Nothing to do.
        }

        @Override
        public void authPacketArrived(int code, MqttProperties properties) {
            // No enhanced authentication here.
        }
    }
}
