/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.polymq.broker.cluster.ClientClaims;
import org.polymq.broker.cluster.Presence;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.cluster.UserConnections;
import org.polymq.broker.cluster.UserCounts;
import org.polymq.broker.security.FailedLogins;

/** What the nodes of a cluster share, on Hazelcast. Safe from any thread. */
public final class GridState implements SharedState {
    private final GridMember member;
    private final GridClaims claims;
    private final GridUsers users;
    private final GridLogins logins;
    private final GridPresence presence;

    /**
     * Not a member yet: until {@link #start} this node goes on alone.
     *
     * @param connectionsPerUser most connections of one user; 0 for any number
     */
    public GridState(GridSettings settings, int connectionsPerUser, InstantSource clock, MeterRegistry registry) {
        this.member = new GridMember(settings);
        Alone alone = new Alone(registry);
        this.claims = new GridClaims(member, clock, registry);
        this.users = new GridUsers(member, new UserCounts(connectionsPerUser), alone);
        this.logins = new GridLogins(member, clock, alone);
        this.presence = new GridPresence(member, registry);
    }

    /**
     * Begins to share; returns at once. Once. Until the others are found, which takes some seconds, and whenever they
     * are away, this node goes on alone.
     */
    public void start() {
        member.start();
    }

    @Override
    public ClientClaims claims() {
        return claims;
    }

    @Override
    public UserConnections users() {
        return users;
    }

    @Override
    public FailedLogins logins() {
        return logins;
    }

    @Override
    public Presence presence() {
        return presence;
    }

    GridMember member() {
        return member;
    }

    @Override
    public void close() {
        member.close();
    }
}
