/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.exceptions.MqttEncodeException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.polymq.bridge.remote.Outbound;
import org.polymq.bridge.remote.RefusedException;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.Sender;

/** Publishes batches: MQTT keeps their order on one connection, and has each acknowledged for itself. */
final class MqttSender implements Sender {
    private static final long PATIENCE_SECONDS = 60;

    private final Connection connection;
    private final int window;

    MqttSender(Connection connection, int window) {
        this.connection = connection;
        this.window = window;
    }

    @Override
    public void send(List<Outbound> batch) throws RefusedException, RemoteDownException, InterruptedException {
        for (int from = 0; from < batch.size(); from += window) {
            sendPart(batch, from, Math.min(batch.size(), from + window));
        }
    }

    private void sendPart(List<Outbound> batch, int from, int to)
            throws RefusedException, RemoteDownException, InterruptedException {
        Map<Integer, String> refused = new HashMap<>();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            answers.add(publish(batch.get(i), i, refused));
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (int i = from; i < to; i++) {
            try {
                answers.get(i - from).get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                refused.put(i, refusal(e.getCause() == null ? e : e.getCause()));
            } catch (TimeoutException e) {
                throw new RemoteDownException("no acknowledgement within " + PATIENCE_SECONDS + " s", e);
            }
        }
        if (!refused.isEmpty()) {
            throw new RefusedException(to, refused);
        }
    }

    private CompletableFuture<?> publish(Outbound outbound, int place, Map<Integer, String> refused) {
        try {
            return connection.client().publish(outbound);
        } catch (IllegalArgumentException e) {
            // A name or property that MQTT cannot hold.
            refused.put(place, String.valueOf(e.getMessage()));
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Why one message was refused, while the connection goes on. */
    private static String refusal(Throwable failure) throws RemoteDownException {
        if (failure instanceof Mqtt5PubAckException refused) {
            return "reason code " + refused.getMqttMessage().getReasonCode();
        }
        if (failure instanceof Mqtt5PubRecException refused) {
            return "reason code " + refused.getMqttMessage().getReasonCode();
        }
        if (failure instanceof MqttEncodeException tooLarge) {
            return String.valueOf(tooLarge.getMessage());
        }
        throw new RemoteDownException("the connection was lost", failure);
    }

    @Override
    public void close() {
        connection.close();
    }
}
