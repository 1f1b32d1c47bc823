/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.polymq.tck.server.Endpoints;

/** MQTT 5's response topic and correlation data; the data are bytes that are no text. */
public final class Mqtt5RequestReply implements RequestReply {
    private static final long WAIT_MILLIS = 30_000;
    private static final byte[] NO_TEXT = {0, (byte) 0xff, 1};

    private final String identity = "ask" + UUID.randomUUID().toString().substring(0, 8);
    private final MqttAsyncClient client;
    private final ExecutorService answering = Executors.newSingleThreadExecutor();
    private final BlockingQueue<MqttMessage> answers = new LinkedBlockingQueue<>();
    private volatile UnaryOperator<String> how = text -> null;
    private volatile String refusal = "";

    public Mqtt5RequestReply(Endpoints server) throws MqttException {
        client = new MqttAsyncClient("tcp://" + server.mqtt(), identity, new MemoryPersistence());
        client.setCallback(new Callback());
        client.connect().waitForCompletion(WAIT_MILLIS);
        client.subscribe(responseTopic(), 1).waitForCompletion(WAIT_MILLIS);
    }

    private String responseTopic() {
        return "mqtt/answers/" + identity;
    }

    @Override
    public String ask(String topic, String text, Duration patience) throws Exception {
        int question = ThreadLocalRandom.current().nextInt();
        byte[] correlation =
                ByteBuffer.allocate(7).put(NO_TEXT).putInt(question).array();
        MqttProperties properties = new MqttProperties();
        properties.setResponseTopic(responseTopic());
        properties.setCorrelationData(correlation);
        publish(topic, new MqttMessage(text.getBytes(UTF_8), 1, false, properties));
        long end = System.nanoTime() + patience.toNanos();
        MqttMessage answer;
        do {
            answer = answers.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (answer == null) {
                throw new TimeoutException("no answer within " + patience);
            }
            // An answer may come twice, or late: then it is no answer to this question.
        } while (!Arrays.equals(answer.getProperties().getCorrelationData(), correlation));
        return new String(answer.getPayload(), UTF_8);
    }

    private int publish(String topic, MqttMessage message) throws MqttException {
        IMqttToken token = client.publish(topic, message);
        token.waitForCompletion(WAIT_MILLIS);
        int[] codes = token.getReasonCodes();
        return codes == null || codes.length == 0 ? 0 : codes[0];
    }

    @Override
    public void answer(String topic, UnaryOperator<String> answersTo) throws MqttException {
        how = answersTo;
        client.subscribe(topic, 1).waitForCompletion(WAIT_MILLIS);
    }

    private void answer(MqttMessage request) {
        String text = how.apply(new String(request.getPayload(), UTF_8));
        if (text == null) {
            return;
        }
        MqttProperties properties = new MqttProperties();
        byte[] correlation = request.getProperties().getCorrelationData();
        properties.setCorrelationData(ByteBuffer.wrap(correlation).array());
        try {
            int reason = publish(
                    request.getProperties().getResponseTopic(),
                    new MqttMessage(text.getBytes(UTF_8), 1, false, properties));
            if (reason >= 0x80) {
                refusal = "reason 0x" + Integer.toHexString(reason);
            }
        } catch (MqttException e) {
            refusal = e.toString();
        }
    }

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public void close() {
        answering.shutdown();
        try {
            client.disconnect().waitForCompletion(WAIT_MILLIS);
            client.close();
        } catch (MqttException e) {
            throw new IllegalStateException("MQTT client does not close", e);
        }
    }

    /** Answers are for who asked; everything else is a request. */
    private final class Callback implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            if (topic.equals(responseTopic())) {
                answers.add(message);
            } else {
                answering.execute(() -> answer(message)); // the client's own thread may not wait for it
            }
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            // Told again by the call that fails.
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            // Told again by the call that fails.
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Whoever published waits on the token.
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            // The caller waits for it.
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            // No extended authentication is used.
        }
    }
}
