/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where clients reach the node that leads. The leader writes it into the log at the beginning of its term, so that
 * every node that has applied the log that far knows it.
 *
 * @param node its number
 * @param ports in use, by listener
 */
record LeaderAddress(long term, int node, String host, Map<String, Integer> ports) {
    /** The run-time setting that holds it. */
    static final String SETTING = "cluster.leader";

    LeaderAddress {
        ports = Map.copyOf(ports);
    }

    /** Reads what {@link #toText} wrote; empty if it is something else. */
    static Optional<LeaderAddress> of(String text) {
        try {
            String[] parts = text.split(" ", -1);
            Map<String, Integer> ports = new LinkedHashMap<>();
            for (String each : Arrays.copyOfRange(parts, 3, parts.length)) {
                int equals = each.indexOf('=');
                ports.put(each.substring(0, equals), Integer.parseInt(each.substring(equals + 1)));
            }
            return Optional.of(
                    new LeaderAddress(Long.parseLong(parts[0]), Integer.parseInt(parts[1]), parts[2], ports));
        } catch (IllegalArgumentException | IndexOutOfBoundsException otherVersion) {
            return Optional.empty();
        }
    }

    String toText() {
        return term + " " + node + " " + host + " "
                + ports.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .sorted()
                        .collect(Collectors.joining(" "));
    }

    /** Where a listener of the leader is; empty if it has none of that name. */
    Optional<InetSocketAddress> listener(String name) {
        return Optional.ofNullable(ports.get(name)).map(port -> new InetSocketAddress(host, port));
    }

    /** The leader's admin API. */
    String url(boolean tls) {
        String bare = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return (tls ? "https://" : "http://") + bare + ":" + ports.getOrDefault(Ports.DASHBOARD, 0);
    }
}
