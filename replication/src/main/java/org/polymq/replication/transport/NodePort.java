/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * The port on which a node hears the others.
 *
 * @param address where it listens
 * @param streams how it takes streams of gateways; empty if it takes none
 */
public record NodePort(InetSocketAddress address, Optional<StreamPort> streams) {
    /** For the other nodes of its group alone. */
    public static NodePort of(InetSocketAddress address) {
        return new NodePort(address, Optional.empty());
    }
}
