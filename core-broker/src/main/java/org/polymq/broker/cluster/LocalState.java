/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.polymq.broker.BrokerException;
import org.polymq.broker.security.FailedLogins;
import org.polymq.broker.security.LoginBackoff;

/** What a process shares when it is alone: it counts for itself, and claims have nobody to tell. */
final class LocalState implements SharedState, UserConnections, Presence {
    private final UserCounts counts;
    private final LoginBackoff logins;
    private volatile Supplier<List<NodePresence>> nodes = List::of;

    LocalState(int connectionsPerUser, InstantSource clock) {
        this.counts = new UserCounts(connectionsPerUser);
        this.logins = new LoginBackoff(clock);
    }

    @Override
    public ClientClaims claims() {
        return ClientClaims.untold();
    }

    @Override
    public UserConnections users() {
        return this;
    }

    @Override
    public CompletionStage<Place> enter(String user) {
        if (counts.limit() == 0) {
            return CompletableFuture.completedStage(Place.UNCOUNTED);
        }
        try {
            counts.enter(user, 0);
        } catch (BrokerException full) {
            return CompletableFuture.failedStage(full);
        }
        return CompletableFuture.completedStage(counts.place(user, () -> {}));
    }

    @Override
    public FailedLogins logins() {
        return logins;
    }

    @Override
    public Presence presence() {
        return this;
    }

    @Override
    public void say(Supplier<NodePresence> own) {
        nodes = () -> List.of(own.get());
    }

    @Override
    public List<NodePresence> nodes() {
        return nodes.get();
    }

    @Override
    public long connectionsElsewhere() {
        return 0;
    }

    @Override
    public void close() {}
}
