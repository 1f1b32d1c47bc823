/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.polymq.tck.ledger.Stamp;

/**
 * Eclipse Paho's client for MQTT 3.1.1 as a program of its own, which keeps its session in files and publishes without
 * end or subscribes. It prints, each before it happens:
 *
 * <pre>
 * &gt; ID NUMBER   a message is kept and then sent
 * &lt; ID          PUBACK or PUBCOMP came for it
 * + ID NUMBER   a message was received: at QoS 2 before it is kept and PUBREC sent, at QoS 1 before PUBACK, with id 0
 * - ID          PUBREL came for it, and it is forgotten before PUBCOMP is sent
 * ! WORDS       what must not happen
 * READY
 * </pre>
 */
public final class MqttClientMain implements MqttCallback {
    private static final int WINDOW = 8;
    private static final Duration STEP = Duration.ofMillis(10);

    private final int qos;
    private final MqttAsyncClient client;

    private MqttClientMain(String server, String identity, String directory, int qos) throws MqttException {
        this.qos = qos;
        this.client = new MqttAsyncClient(
                "tcp://" + server, identity, new ToldPersistence(directory, this::keeps, this::forgets));
        client.setCallback(this);
    }

    /**
     * Arguments: server, client id, directory, topic, QoS, {@code first} or {@code again}, and for a publisher the
     * number of its next message. Runs until it is killed.
     */
    public static void main(String[] args) throws Exception {
        MqttClientMain program = new MqttClientMain(args[0], args[1], args[2], Integer.parseInt(args[4]));
        program.connect(args[5].equals("again"));
        if (args.length > 6) {
            say("READY");
            program.publish(args[3], Long.parseLong(args[6]));
        } else {
            program.client.subscribe(args[3], program.qos).waitForCompletion();
            say("READY");
        }
    }

    private void connect(boolean again) throws InterruptedException {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(false);
        options.setAutomaticReconnect(true);
        options.setMaxReconnectDelay(1_000);
        options.setMaxInflight(1_000);
        while (true) {
            try {
                IMqttToken connected = client.connect(options);
                connected.waitForCompletion();
                if (again && !connected.getSessionPresent()) {
                    say("! the broker has forgotten the session");
                }
                return;
            } catch (MqttException unreachable) {
                Pause.of(Duration.ofMillis(200));
            }
        }
    }

    private void publish(String topic, long first) throws InterruptedException {
        for (long number = first; true; ) {
            if (!client.isConnected() || client.getPendingDeliveryTokens().length >= WINDOW) {
                Pause.of(STEP);
                continue;
            }
            try {
                client.publish(topic, new Stamp(topic, number).body(100), qos, false);
                number++;
            } catch (MqttException disconnected) {
                Pause.of(STEP); // the client has undone it: the same again
            }
        }
    }

    private void keeps(String key, byte[] body) {
        if (key.startsWith("s-")) {
            say("> " + key.substring(2) + " " + number(body));
        } else if (key.startsWith("r-")) {
            say("+ " + key.substring(2) + " " + number(body));
        }
    }

    private void forgets(String key) {
        if (key.startsWith("r-")) {
            say("- " + key.substring(2));
        }
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        if (message.getQos() != qos) {
            say("! a message with QoS " + message.getQos());
        } else if (qos == 1) {
            say("+ 0 " + number(message.getPayload()));
        }
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
        if (token.getException() == null && token.getResponse() != null) {
            say("< " + token.getResponse().getMessageId());
        }
    }

    @Override
    public void connectionLost(Throwable cause) {
        // The client connects again by itself.
    }

    private static String number(byte[] body) {
        return Stamp.of(body).map(stamp -> Long.toString(stamp.number())).orElse("-1");
    }

    /** One write per line: a killed process leaves whole lines, but for the last. */
    private static void say(String words) {
        byte[] line = (words + "\n").getBytes(StandardCharsets.US_ASCII);
        System.out.write(line, 0, line.length);
        System.out.flush();
    }
}
