/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.polymq.bridge.mqtt.Client.Arrival;
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
    private final BlockingQueue<Arrival> arrived;

    private final List<Arrival> received = new ArrayList<>();
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
        connection.client().arrivals(this::arrive, listener);
    }

    private void arrive(Arrival arrival) {
        try {
            while (!closed && !arrived.offer(arrival, 1, TimeUnit.SECONDS)) {
                // The link is busy; the client holds back what comes meanwhile.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void subscribe(String filter) throws RemoteDownException, InterruptedException {
        connection.await(connection.client().subscribe(filter), "'" + filter + "' cannot be subscribed to");
    }

    @Override
    public List<Inbound> receive(int most, Duration wait) throws RemoteDownException, InterruptedException {
        Arrival first = arrived.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
            if (!connection.isUp()) {
                throw new RemoteDownException("the connection was lost");
            }
            return List.of();
        }
        received.add(first);
        arrived.drainTo(received, most - 1);
        return received.stream().map(Arrival::message).toList();
    }

    @Override
    public void acknowledge() {
        received.forEach(arrival -> arrival.acknowledge().run());
        received.clear();
    }

    @Override
    public void close() {
        closed = true;
        connection.close();
        listener.shutdownNow();
    }
}
