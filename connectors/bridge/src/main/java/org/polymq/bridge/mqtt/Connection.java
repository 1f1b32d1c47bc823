/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.polymq.bridge.remote.RemoteDownException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, which is not mended: after a failure a new client takes its place. Confined to one thread.
 */
final class Connection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long PATIENCE_SECONDS = 30;
    private static final long LEAVE_SECONDS = 3;

    private final Client client;
    private final EventLoopGroup loop;
    private final String bridge;
    private CompletableFuture<?> opening = CompletableFuture.completedFuture(null);

    /**
     * @param loop has the connection's thread, and ends with it: a client keeps timers for as long as a session may
     *     live
     */
    Connection(Client client, EventLoopGroup loop, String bridge) {
        this.client = client;
        this.loop = loop;
        this.bridge = bridge;
    }

    /**
     * Connects; closes it if that fails.
     *
     * @param keeps whether the remote keeps the session
     */
    void open(boolean keeps) throws RemoteDownException, InterruptedException {
        CompletableFuture<?> begun = client.connect(keeps);
        opening = begun;
        try {
            await(begun, "it cannot be connected to");
        } catch (RemoteDownException | InterruptedException e) {
            close();
            throw e;
        }
    }

    Client client() {
        return client;
    }

    boolean isUp() {
        return client.state().isConnected();
    }

    /** Waits for an answer that has to come, or for the end of the connection. */
    void await(CompletableFuture<?> answer, String failed) throws RemoteDownException, InterruptedException {
        try {
            answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new RemoteDownException(failed, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new RemoteDownException(failed + ": no answer within " + PATIENCE_SECONDS + " s", e);
        }
    }

    /** Waits for the end of it, also if it is still being opened: nothing of the client may go on afterwards. */
    @Override
    public void close() {
        opening.handle((opened, failure) -> isUp())
                .thenCompose(up -> up ? client.disconnect() : CompletableFuture.completedFuture(null))
                .orTimeout(LEAVE_SECONDS, TimeUnit.SECONDS)
                .handle((closed, failure) -> {
                    if (failure != null) {
                        LOG.debug("bridge {}: a connection was not closed in order", bridge, failure);
                    }
                    return loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
                })
                .join();
    }
}
