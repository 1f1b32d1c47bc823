/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.server.Endpoints;

/** Asks through Eclipse Paho's client for MQTT 5. */
final class MqttAsker {
    private static final long PATIENCE_MILLIS = 60_000;
    private static final int BAD_USER_OR_PASSWORD = 0x86;
    private static final int NOT_AUTHORIZED = 0x87;

    private final Endpoints server;
    private final Person who;

    MqttAsker(Endpoints server, Person who) {
        this.server = server;
        this.who = who;
    }

    /** What is asked of a connected client. */
    interface Question {
        @Nullable
        IMqttToken of(MqttAsyncClient client) throws MqttException;
    }

    Verdict publish(String topic) throws MqttException {
        return ask(UUID.randomUUID().toString(), client -> client.publish(topic, message(false)));
    }

    Verdict publishRetained(String topic) throws MqttException {
        return ask(UUID.randomUUID().toString(), client -> client.publish(topic, message(true)));
    }

    Verdict subscribe(String filter) throws MqttException {
        return ask(UUID.randomUUID().toString(), client -> client.subscribe(filter, 1));
    }

    Verdict connect(String clientId) throws MqttException {
        return ask(clientId, client -> null);
    }

    Verdict connectWithWill(String topic) throws MqttException {
        MqttConnectionOptions options = options();
        options.setWill(topic, message(false));
        return ask(UUID.randomUUID().toString(), options, client -> null);
    }

    private static MqttMessage message(boolean retained) {
        return new MqttMessage("matrix".getBytes(StandardCharsets.US_ASCII), 1, retained, new MqttProperties());
    }

    private MqttConnectionOptions options() {
        MqttConnectionOptions options = new MqttConnectionOptions();
        if (who.user() != null) {
            options.setUserName(who.user());
            options.setPassword(String.valueOf(who.password()).getBytes(StandardCharsets.UTF_8));
        }
        return options;
    }

    private Verdict ask(String clientId, Question question) throws MqttException {
        return ask(clientId, options(), question);
    }

    private Verdict ask(String clientId, MqttConnectionOptions options, Question question) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient("tcp://" + server.mqtt(), clientId, new MemoryPersistence());
        try {
            client.connect(options).waitForCompletion(PATIENCE_MILLIS);
            IMqttToken asked = question.of(client);
            if (asked == null) {
                return Verdict.DONE;
            }
            asked.waitForCompletion(PATIENCE_MILLIS);
            int[] codes = asked.getReasonCodes();
            return codes != null && codes.length > 0 && codes[0] >= 0x80
                    ? verdict(codes[0], new MqttException(codes[0]))
                    : Verdict.DONE;
        } catch (MqttException refused) {
            return verdict(refused.getReasonCode(), refused);
        } finally {
            if (client.isConnected()) {
                client.disconnect().waitForCompletion(PATIENCE_MILLIS);
            }
            client.close();
        }
    }

    private static Verdict verdict(int code, MqttException refused) throws MqttException {
        return switch (code) {
            case BAD_USER_OR_PASSWORD -> Verdict.NOT_AUTHENTICATED;
            case NOT_AUTHORIZED -> Verdict.NO_PERMISSION;
            default -> throw refused;
        };
    }
}
