/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import java.time.Duration;

/**
 * What strangers may use of a server before they have logged in.
 *
 * @param connections most connections at a time, over all listeners; at least 1
 * @param connectionsPerAddress most connections at a time from one address, over all listeners; at least 1
 * @param connectionRate most new connections a second, over all listeners; 0 for any number
 * @param clusterConnections most connections at a time of this server and all others of its cluster; 0 for any number
 * @param login what a connection may take until its handshake is complete
 */
public record Limits(
        int connections, int connectionsPerAddress, int connectionRate, int clusterConnections, Login login) {

    /**
     * What a connection may take until its handshake is complete.
     *
     * @param firstBytes time from accepting a connection until its protocol is known
     * @param handshake time from the first bytes until the handshake is complete
     * @param bytes most bytes of one connection; a protocol may need {@linkplain Protocol#loginBytes more}
     * @param memory most bytes of all connections together beyond the first 64 KB of each
     */
    public record Login(Duration firstBytes, Duration handshake, int bytes, long memory) {
        public Login {
            if (firstBytes.isNegative() || firstBytes.isZero() || handshake.isNegative() || handshake.isZero()) {
                throw new IllegalArgumentException(
                        "connection deadlines are longer than 0, not " + firstBytes + " and " + handshake);
            }
            if (bytes < 1 || memory < 1) {
                throw new IllegalArgumentException("a login takes some bytes, not " + bytes + " and " + memory);
            }
        }

        /** 10 s for the first bytes, 20 s for the handshake; 256 KB of one connection, 64 MB of all. */
        public static Login defaults() {
            return of(Duration.ofSeconds(10), Duration.ofSeconds(20));
        }

        /** These deadlines, and the default sizes. */
        public static Login of(Duration firstBytes, Duration handshake) {
            return new Login(firstBytes, handshake, 256 << 10, 64 << 20);
        }
    }

    public Limits {
        if (connections < 1 || connectionsPerAddress < 1 || connectionRate < 0 || clusterConnections < 0) {
            throw new IllegalArgumentException("connection limits are at least 1, not " + connections + " and "
                    + connectionsPerAddress + ", and a rate is not " + connectionRate);
        }
    }

    /** With any number of connections of the whole cluster. */
    public Limits(int connections, int connectionsPerAddress, int connectionRate, Login login) {
        this(connections, connectionsPerAddress, connectionRate, 0, login);
    }

    /** 100,000 connections, 50,000 from one address, 10,000 new ones a second. */
    public static Limits defaults() {
        return new Limits(100_000, 50_000, 10_000, Login.defaults());
    }
}
