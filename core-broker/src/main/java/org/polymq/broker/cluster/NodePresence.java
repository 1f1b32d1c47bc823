/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import java.util.List;

/**
 * What a node tells the others of itself.
 *
 * @param name of the node: its number, or what a gateway calls itself
 * @param addresses where its listeners are, such as {@code mqtt 10.0.0.1:1883}
 * @param connections client connections that are open
 * @param load of the process on its processors, 0 to 1; below 0 if it is not known
 * @param since when it started, ms since the epoch
 */
public record NodePresence(String name, List<String> addresses, int connections, double load, long since) {
    public NodePresence {
        addresses = List.copyOf(addresses);
    }
}
