/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a name server is told.
 *
 * @param bind host or address to listen on
 * @param port 0 picks a free one
 * @param kvFile where the key-value store is kept
 * @param brokerTimeout a broker that is silent for longer is forgotten, unless it named its own time
 * @param idleTimeout a connection that is silent for longer is closed
 */
public record NameServerConfig(String bind, int port, Path kvFile, Duration brokerTimeout, Duration idleTimeout) {
    /** The times RocketMQ has: 120 s for both. */
    public static NameServerConfig of(String bind, int port, Path kvFile) {
        return new NameServerConfig(bind, port, kvFile, Duration.ofMinutes(2), Duration.ofMinutes(2));
    }

    public NameServerConfig {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("nameserver.port " + port + " is not between 0 and 65535");
        }
        if (brokerTimeout.isNegative() || brokerTimeout.isZero()) {
            throw new IllegalArgumentException("the broker timeout " + brokerTimeout + " is not positive");
        }
    }
}
