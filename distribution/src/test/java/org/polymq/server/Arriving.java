/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Paho's callback for those who want messages only. */
record Arriving(IMqttMessageListener listener) implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) throws Exception {
        listener.messageArrived(topic, message);
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        // what does not arrive then is missed by the test
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
        // connect() has waited already
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        throw new IllegalStateException("no authentication was asked for");
    }
}
