/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a name server is told.
 *
 * @param kvFile where the key-value store is kept
 * @param brokerTimeout a broker that is silent for longer is forgotten, unless it named its own time
 * @param idleTimeout a connection that is silent for longer is closed
 */
public record NameServerConfig(Path kvFile, Duration brokerTimeout, Duration idleTimeout) {
    /** The times RocketMQ has: 120 s for both. */
    public static NameServerConfig of(Path kvFile) {
        return new NameServerConfig(kvFile, Duration.ofMinutes(2), Duration.ofMinutes(2));
    }

    public NameServerConfig {
        if (brokerTimeout.isNegative() || brokerTimeout.isZero()) {
            throw new IllegalArgumentException("the broker timeout " + brokerTimeout + " is not positive");
        }
    }
}
