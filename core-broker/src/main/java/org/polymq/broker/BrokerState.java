/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.io.IOException;
import java.time.InstantSource;
import org.polymq.broker.disk.DiskMap;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.state.QueueWatches;
import org.polymq.broker.state.Views;
import org.polymq.broker.stats.Meters;
import org.polymq.storage.Log;
import org.polymq.storage.LogConfig;
import org.polymq.storage.StateMachine;

/**
 * What a node knows by its log: the log, and the views that its records make. The same on every node of a group; a
 * {@link Broker} serves clients over it. Safe from any thread.
 */
public final class BrokerState implements AutoCloseable {
    private final LogConfig logConfig;
    private final DiskMap large;
    private final Meters<Integer> published;
    private final LiveRouter live = new LiveRouter();
    private final QueueWatches watches = new QueueWatches();
    private final Views views;
    private final Log log;

    /** Opens a log whose records change the given state: a single node's, or that of a node of a group. */
    @FunctionalInterface
    public interface LogOpener {
        Log open(StateMachine views) throws IOException;
    }

    private BrokerState(LogConfig logConfig, long viewsMemory, InstantSource clock, LogOpener opener)
            throws IOException {
        this.logConfig = logConfig;
        this.large = new DiskMap(logConfig.directory().resolve("views"), viewsMemory);
        this.published = new Meters<>(clock);
        this.views = new Views(watches, live, large, published);
        boolean opened = false;
        try {
            this.log = opener.open(views);
            opened = true;
        } finally {
            if (!opened) {
                large.close();
            }
        }
    }

    /**
     * Opens the log and recovers.
     *
     * @param viewsMemory what the large views may take beside the heap, bytes
     */
    public static BrokerState open(LogConfig logConfig, long viewsMemory, InstantSource clock, LogOpener opener)
            throws IOException {
        return new BrokerState(logConfig, viewsMemory, clock, opener);
    }

    /** The log. */
    public Log log() {
        return log;
    }

    LogConfig logConfig() {
        return logConfig;
    }

    Meters<Integer> published() {
        return published;
    }

    LiveRouter live() {
        return live;
    }

    QueueWatches watches() {
        return watches;
    }

    Views views() {
        return views;
    }

    /** Closes the log with a snapshot. Whatever serves over it has to be closed before. */
    @Override
    public void close() {
        log.close();
        large.close();
    }
}
