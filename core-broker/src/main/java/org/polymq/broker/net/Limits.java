/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import java.time.Duration;

/**
 * What strangers may use of a server before they have logged in.
 *
 * @param connections most connections at a time, over all listeners; at least 1
 * @param connectionsPerAddress most connections at a time from one address, over all listeners; at least 1
 * @param firstBytes time from accepting a connection until its protocol is known
 * @param handshake time from the first bytes until the handshake is complete
 */
public record Limits(int connections, int connectionsPerAddress, Duration firstBytes, Duration handshake) {

    public Limits {
        if (connections < 1 || connectionsPerAddress < 1) {
            throw new IllegalArgumentException(
                    "connection limits are at least 1, not " + connections + " and " + connectionsPerAddress);
        }
        if (firstBytes.isNegative() || firstBytes.isZero() || handshake.isNegative() || handshake.isZero()) {
            throw new IllegalArgumentException(
                    "connection deadlines are longer than 0, not " + firstBytes + " and " + handshake);
        }
    }

    /** 100,000 connections, 50,000 from one address, 10 s for the first bytes, 20 s for the handshake. */
    public static Limits defaults() {
        return new Limits(100_000, 50_000, Duration.ofSeconds(10), Duration.ofSeconds(20));
    }
}
