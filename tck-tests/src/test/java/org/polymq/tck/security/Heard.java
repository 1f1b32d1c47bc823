/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.util.function.BiConsumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/** Hands on the messages that Paho's client gets, and remembers why it was disconnected. */
public final class Heard implements MqttCallback {
    private final BiConsumer<String, MqttMessage> messages;
    private volatile @Nullable Integer disconnected;

    public Heard(BiConsumer<String, MqttMessage> messages) {
        this.messages = messages;
    }

    /** The reason code of the end of the connection; null while it is open. */
    public @Nullable Integer disconnected() {
        return disconnected;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        messages.accept(topic, message);
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        disconnected = response.getReturnCode();
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
}
