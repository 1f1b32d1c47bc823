/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.RemoteDownException;

/**
 * A session that the remote keeps while nobody is connected. It hands out at most a window of messages before they are
 * acknowledged.
 */
final class MqttReceiver implements Receiver {
    private final Connection connection;
    /** Full only of QoS 0, which the window does not hold: then the client waits, and drops some of those. */
    private final BlockingQueue<Mqtt5Publish> arrived;

    private final List<Mqtt5Publish> received = new ArrayList<>();
    private final MqttMessages messages = new MqttMessages(InstantSource.system());
    /** It may wait, which the client's own threads must not. */
    private final ExecutorService listener = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "polymq-bridge-mqtt");
        thread.setDaemon(true);
        return thread;
    });

    private volatile boolean closed;

    /** Listens before it is connected: a session that goes on gets messages before it subscribes again. */
    MqttReceiver(Connection connection, int window) {
        this.connection = connection;
        this.arrived = new ArrayBlockingQueue<>(2 * window);
        connection.client().publishes(MqttGlobalPublishFilter.ALL, this::arrive, listener, true);
    }

    private void arrive(Mqtt5Publish publish) {
        try {
            while (!closed && !arrived.offer(publish, 1, TimeUnit.SECONDS)) {
                // The link is busy; the client holds back what comes meanwhile.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void subscribe(String filter, MqttQos qos) throws RemoteDownException, InterruptedException {
        connection.await(
                connection
                        .client()
                        .subscribeWith()
                        .addSubscription()
                        .topicFilter(filter)
                        .qos(qos)
                        .retainAsPublished(true)
                        // A session that goes on has had the retained messages.
                        .retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST)
                        .applySubscription()
                        .send(),
                "'" + filter + "' cannot be subscribed to");
    }

    @Override
    public List<Inbound> receive(int most, Duration wait) throws RemoteDownException, InterruptedException {
        Mqtt5Publish first = arrived.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
            if (!connection.isUp()) {
                throw new RemoteDownException("the connection was lost");
            }
            return List.of();
        }
        received.add(first);
        arrived.drainTo(received, most - 1);
        return received.stream().map(messages::fromRemote).toList();
    }

    @Override
    public void acknowledge() {
        received.forEach(Mqtt5Publish::acknowledge);
        received.clear();
    }

    @Override
    public void close() {
        closed = true;
        connection.close();
        listener.shutdownNow();
    }
}
