/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** A topic over MQTT 5 with quality of service 1, from clients that know all nodes and keep their sessions. */
final class MqttDemoLoad implements DemoLoad {
    private static final String TOPIC = "numbers/demo";
    private static final long SESSION_SECONDS = 3_600;
    private static final int RECONNECT_MILLIS = 250;
    private static final long PATIENCE_MILLIS = 10_000;

    private final Set<Integer> received = new ConcurrentSkipListSet<>();
    private final MqttClient sending;
    private final MqttClient receiving;

    /** @param addresses of MQTT listeners, {@code host:port} */
    MqttDemoLoad(List<String> addresses) throws Exception {
        sending = connect("polymq-demo-sender", addresses);
        receiving = connect("polymq-demo-receiver", addresses);
        Persistent.until("subscribing by MQTT", () -> {
            IMqttToken answer = receiving.subscribe(TOPIC, 1);
            if (answer.getReasonCodes()[0] > 2) { // this client takes it for a success
                throw new DemoFailedException("refused with reason " + answer.getReasonCodes()[0]);
            }
            return answer;
        });
    }

    private MqttClient connect(String id, List<String> addresses) throws Exception {
        MqttClient client = new MqttClient("tcp://" + addresses.get(0), id, new MemoryPersistence());
        client.setTimeToWait(PATIENCE_MILLIS);
        client.setCallback(new Receiver());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setServerURIs(addresses.stream().map(each -> "tcp://" + each).toArray(String[]::new));
        options.setCleanStart(false);
        options.setSessionExpiryInterval(SESSION_SECONDS);
        options.setAutomaticReconnect(true);
        options.setAutomaticReconnectDelay(1, 1);
        options.setMaxReconnectDelay(RECONNECT_MILLIS);
        Persistent.until("connecting by MQTT", () -> {
            client.connect(options);
            return client;
        });
        return client;
    }

    @Override
    public String name() {
        return "MQTT, topic '" + TOPIC + "'";
    }

    @Override
    public void send(int number) throws DemoFailedException, InterruptedException {
        byte[] text = Integer.toString(number).getBytes(UTF_8);
        Persistent.until("a publish by MQTT", () -> {
            sending.publish(TOPIC, new MqttMessage(text, 1, false, new MqttProperties()));
            return number;
        });
    }

    @Override
    public Set<Integer> received() {
        return received;
    }

    @Override
    public void close() throws MqttException {
        sending.disconnectForcibly(0, 1_000);
        sending.close(true);
        receiving.disconnectForcibly(0, 1_000);
        receiving.close(true);
    }

    private final class Receiver implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            received.add(Integer.parseInt(new String(message.getPayload(), UTF_8)));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            // the client comes back by itself
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            // a lost connection; what matters is whether all arrives
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // publish() has waited already
        }

        @Override
        public void connectComplete(boolean reconnect, String server) {
            // its session is there still, with what it subscribed to
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            throw new IllegalStateException("no authentication was asked for");
        }
    }
}
