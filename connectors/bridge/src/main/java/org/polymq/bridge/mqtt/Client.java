/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Outbound;

/** HiveMQ's client for one connection, in one version of the protocol. Safe from any thread. */
interface Client {
    /**
     * How it connects.
     *
     * @param sessionSeconds how long a session that is kept is kept; MQTT 3.1.1 cannot say it
     * @param receiveMaximum most messages that the remote hands out before they are acknowledged; the same
     */
    record Options(MqttQos qos, int keepAliveSeconds, long sessionSeconds, int receiveMaximum) {}

    /** A message that came, and how to say that it is kept. */
    record Arrival(Inbound message, Runnable acknowledge) {}

    /** @param keeps whether the remote keeps the session while nobody is connected */
    CompletableFuture<?> connect(boolean keeps);

    /** Has everything that arrives handed over, each to be acknowledged; asked for before it is connected. */
    void arrivals(Consumer<Arrival> each, Executor executor);

    CompletableFuture<?> subscribe(String filter);

    /**
     * Sends a message; done when it is acknowledged.
     *
     * @throws IllegalArgumentException if MQTT cannot hold a part of it
     */
    CompletableFuture<?> publish(Outbound outbound);

    MqttClientState state();

    CompletableFuture<Void> disconnect();
}
