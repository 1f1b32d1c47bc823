/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Eclipse Paho, MQTT 5, quality of service 1. */
final class MqttDemoClient implements DemoClient {
    private static final String TOPIC = "demo/greetings";

    private final Arrivals arrivals = new Arrivals();
    private final MqttClient client;

    MqttDemoClient(String host, int port) throws MqttException {
        client = new MqttClient("tcp://" + host + ":" + port, "polymq-demo", new MemoryPersistence());
        client.setCallback(new Receiver());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        client.connect(options);
        client.subscribe(TOPIC, 1);
    }

    @Override
    public String name() {
        return "MQTT";
    }

    @Override
    public String topic() {
        return TOPIC;
    }

    @Override
    public void publish(String text) throws MqttException {
        MqttMessage message = new MqttMessage(text.getBytes(UTF_8), 1, false, new MqttProperties());
        client.publish(TOPIC, message);
    }

    @Override
    public boolean awaitArrival(String text, Duration limit) throws InterruptedException {
        return arrivals.await(text, limit);
    }

    @Override
    public void close() throws MqttException {
        client.disconnect();
        client.close();
    }

    private final class Receiver implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            arrivals.add(new String(message.getPayload(), UTF_8));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            // close() comes here too; a lost connection shows as a message that does not arrive
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            throw new IllegalStateException(exception);
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // publish() has waited already
        }

        @Override
        public void connectComplete(boolean reconnect, String server) {
            // the constructor has waited already
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            throw new IllegalStateException("no authentication was asked for");
        }
    }
}
