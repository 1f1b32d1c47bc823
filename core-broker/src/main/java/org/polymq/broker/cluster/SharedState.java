/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import java.time.InstantSource;
import org.polymq.broker.security.FailedLogins;

/**
 * What the nodes of a cluster tell each other while they run, each part by what it is for. It is a cache: what is true
 * of sessions is in the groups' logs, and whoever uses this goes on when all of it is lost. Safe from any thread.
 */
public interface SharedState extends AutoCloseable {
    /** Which gateway has which MQTT client. */
    ClientClaims claims();

    /** How many connections each user has. */
    UserConnections users();

    /** Which logins have to wait after failures. */
    FailedLogins logins();

    /** Which nodes are there. */
    Presence presence();

    /** Leaves the others; what this node has told them is forgotten. */
    @Override
    void close();

    /**
     * Of one process, which has nobody to tell.
     *
     * @param connectionsPerUser most connections of one user; 0 for any number
     */
    static SharedState alone(int connectionsPerUser, InstantSource clock) {
        return new LocalState(connectionsPerUser, clock);
    }
}
