/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.polymq.bridge.remote.RemoteDownException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's connection, which is not mended: after a failure a new client takes its place. */
final class Connection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long PATIENCE_SECONDS = 30;

    private final Mqtt5AsyncClient client;
    private final String bridge;

    Connection(Mqtt5AsyncClient client, String bridge) {
        this.client = client;
        this.bridge = bridge;
    }

    void open(UnaryOperator<Mqtt5ConnectBuilder> options) throws RemoteDownException, InterruptedException {
        Mqtt5Connect connect = options.apply(Mqtt5Connect.builder()).build();
        await(client.connect(connect), "it cannot be connected to");
    }

    Mqtt5AsyncClient client() {
        return client;
    }

    boolean isUp() {
        return client.getState().isConnected();
    }

    /** Waits for an answer that has to come, or for the end of the connection. */
    <T> T await(CompletableFuture<T> answer, String failed) throws RemoteDownException, InterruptedException {
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new RemoteDownException(failed, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new RemoteDownException(failed + ": no answer within " + PATIENCE_SECONDS + " s", e);
        }
    }

    @Override
    public void close() {
        if (!client.getState().isConnected()) {
            return;
        }
        client.disconnect().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("bridge {}: a connection was not closed in order", bridge, failure);
            }
        });
    }
}
