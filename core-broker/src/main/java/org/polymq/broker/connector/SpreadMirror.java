/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the connectors that are spread as the first group defines them, in the log of another group that this node
 * leads, and has them run as they are there. {@link #look} is called by one thread; nothing blocks.
 */
final class SpreadMirror {
    private static final Logger LOG = LoggerFactory.getLogger(SpreadMirror.class);

    private final ConnectorGroups groups;
    private final ConnectorBroker broker;
    private final Runs runs;
    private final Executor aside;
    private boolean begun;
    private volatile boolean underWay;
    private volatile String told = "";

    /** What runs here. */
    interface Runs {
        void begin(Connector connector);

        /** Ends a connector that may run; never fails. */
        CompletableFuture<Void> end(String name);

        /** A connector that has been ended is deleted. */
        void forget(Connector deleted);

        /** A connector has been changed, if only its version. */
        void changed(Connector before, Connector now);
    }

    /** @param aside where it is gone on when something was stored: not on the thread that appends */
    SpreadMirror(ConnectorGroups groups, ConnectorBroker broker, Runs runs, Executor aside) {
        this.groups = groups;
        this.broker = broker;
        this.runs = runs;
        this.aside = aside;
    }

    /**
     * Mirrors what is newer. The first time those that are here are begun, unless it is known already that they end.
     */
    void look() {
        if (underWay) {
            return;
        }
        Connectors own = broker.connectors();
        ConnectorsCopy copy = groups.defined().copy();
        List<Connector> over = own.over(copy);
        if (!begun) {
            begun = true;
            Set<Connector> not = new HashSet<>(over);
            own.spread().stream().filter(each -> !not.contains(each)).forEach(runs::begin);
        }
        if (isNewer(copy, own)) {
            underWay = true;
            mirror(copy, own, over);
        }
    }

    /** The versions are the same while one of them gives way to a connector of this group's own. */
    private static boolean isNewer(ConnectorsCopy copy, Connectors own) {
        if (copy.version() == own.spreadVersion()) {
            return copy.connectors().stream()
                    .anyMatch(each -> own.find(each.connector().name()).isEmpty());
        }
        return copy.version() > own.spreadVersion();
    }

    private void mirror(ConnectorsCopy copy, Connectors own, List<Connector> over) {
        Map<String, Connector> before = new HashMap<>();
        own.spread().forEach(each -> before.put(each.name(), each));
        over.forEach(each -> before.remove(each.name()));
        CompletableFuture<?>[] ends =
                over.stream().map(each -> runs.end(each.name())).toArray(CompletableFuture[]::new);
        // After its end: what a run commits would be a position of the next one of its name.
        CompletableFuture.allOf(ends)
                .thenCompose(ended -> store(copy, own, over))
                .whenCompleteAsync(
                        (newer, failure) -> {
                            if (failure != null) {
                                tell("the connectors that are spread cannot be copied from group "
                                        + groups.names().get(0) + ": " + failure.getMessage());
                            } else if (newer) {
                                over.forEach(runs::forget);
                                follow(before, own);
                            }
                            underWay = false;
                        },
                        aside);
    }

    private CompletableFuture<Boolean> store(ConnectorsCopy copy, Connectors own, List<Connector> over) {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        List<ByteBuffer> groupsOver = over.stream()
                .map(each -> broker.groups().deletion(each.group()))
                .toList();
        own.mirror(copy, groupsOver, Lane.direct(), Reply.of(stored::complete, stored::completeExceptionally));
        return stored;
    }

    private void follow(Map<String, Connector> before, Connectors own) {
        for (Connector now : own.spread()) {
            Connector was = before.get(now.name());
            if (was == null) {
                runs.begin(now);
            } else if (was.version() != now.version()) {
                runs.changed(was, now);
            }
        }
    }

    /** Once, not at every look. */
    private void tell(String trouble) {
        if (!told.equals(trouble)) {
            LOG.warn(trouble);
            told = trouble;
        }
    }
}
