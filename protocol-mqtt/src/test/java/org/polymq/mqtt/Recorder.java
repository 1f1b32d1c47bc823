/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttMessage;

/** Writes down what a v3 client gets. */
final class Recorder implements MqttCallback {
    private final List<String> received;
    private final List<Integer> qos = Collections.synchronizedList(new ArrayList<>());

    Recorder(List<String> received) {
        this.received = received;
    }

    List<Integer> qos() {
        return qos;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        received.add(topic + "=" + new String(message.getPayload(), UTF_8));
        qos.add(message.getQos());
    }

    @Override
    public void connectionLost(Throwable cause) {
        // The tests look at the broker.
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
        // The tests wait for each publish.
    }
}
