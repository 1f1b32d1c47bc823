/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.config.ServerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that is a node of a group, or a process's part in one of several; opens its node anew when that has to take
 * over another's log.
 */
public final class GroupServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupServer.class);

    private final ServerConfig config;
    private final Optional<Hosting> hosting;
    private final Consumer<String> whenBroken;
    private final Runnable leaderLost;
    private final ExecutorService restarts = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "polymq-restart");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch hurry = new CountDownLatch(1);
    private volatile @Nullable GroupNode node;
    private volatile boolean restarting;
    private boolean closed;

    private GroupServer(
            ServerConfig config, Optional<Hosting> hosting, Consumer<String> whenBroken, Runnable leaderLost) {
        this.config = config;
        this.hosting = hosting;
        this.whenBroken = whenBroken;
        this.leaderLost = leaderLost;
    }

    /**
     * Opens the listeners and joins the group; returns before there is a leader.
     *
     * @param whenBroken hears, once at most, why this node takes no part any more; the process should end
     * @throws IOException when the disk or a port cannot be had; nothing is left open
     * @throws org.polymq.storage.StorageException when the data directory is held, damaged or of another group
     */
    public static GroupServer open(ServerConfig config, Consumer<String> whenBroken) throws IOException {
        return open(config, Optional.empty(), whenBroken, () -> {});
    }

    /**
     * The same in a process that is of several groups, with the configuration of one of them.
     *
     * @param leaderLost hears that another node's lead is over: {@link ClusterLinks#leaderLost}
     */
    static GroupServer open(
            ServerConfig config, Optional<Hosting> hosting, Consumer<String> whenBroken, Runnable leaderLost)
            throws IOException {
        GroupServer server = new GroupServer(config, hosting, whenBroken, leaderLost);
        server.node = GroupNode.open(config, hosting, server.hurry, server.new Outcome());
        return server;
    }

    private final class Outcome implements GroupNode.Outcome {
        @Override
        public void restart() {
            restarting = true;
            try {
                restarts.execute(GroupServer.this::openAgain);
            } catch (RejectedExecutionException e) {
                log.debug("the server is stopping", e);
            }
        }

        @Override
        public void leaderLost() {
            leaderLost.run();
        }

        @Override
        public void broken(String reason) {
            if (!restarting) { // the engine stops itself when it is to be opened again
                whenBroken.accept(reason);
            }
        }
    }

    private synchronized void openAgain() {
        if (closed) {
            return;
        }
        try {
            GroupNode before = node;
            if (before != null) {
                before.closeAtOnce();
            }
            restarting = false;
            node = GroupNode.open(config, hosting, hurry, new Outcome());
        } catch (IOException | RuntimeException e) {
            log.error("the node cannot be opened again", e);
            whenBroken.accept("it was to take over another node's log: " + e.getMessage());
        }
    }

    /** Its node as gateways see it; empty while it is opened again, and if it takes no streams. */
    Optional<GroupMember> member() {
        GroupNode now = node;
        return now == null ? Optional.empty() : now.member();
    }

    /** The listeners, in the order in which they were opened. */
    public List<ReadyLines.Line> lines() {
        GroupNode open = node;
        return open == null ? List.of() : open.lines();
    }

    /** The node as it is now; not the same for good. */
    GroupNode node() {
        return Objects.requireNonNull(node, "opened with a node");
    }

    /** A {@link #close} that waits, or is to come, no longer waits for clients to find the next leader. Any thread. */
    public void hurry() {
        hurry.countDown();
    }

    /**
     * Hands the lead over if it has it, passes clients on while they still come, ends all connections, and closes the
     * log. Does nothing the second time.
     */
    @Override
    public synchronized void close() {
        closed = true;
        restarts.shutdown();
        GroupNode open = node;
        if (open != null) {
            open.close();
        }
    }
}
