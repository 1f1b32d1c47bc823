/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Where the grid's member of this process is, and how often it looks.
 *
 * @param cluster the cluster's name: members of another are not let in
 * @param bind where it listens; a wildcard is allowed
 * @param reachedAt host:port by which the others reach it
 * @param members host:port each, to be asked first; this one may be among them
 * @param pace how often it looks, and how long it waits
 */
public record GridSettings(String cluster, InetSocketAddress bind, String reachedAt, List<String> members, Pace pace) {
    public GridSettings {
        members = List.copyOf(members);
    }

    /**
     * How often it looks, and how long it waits. All but {@code presence} and {@code answer} are whole seconds.
     *
     * @param presence how often it says that it is there; after five of these without a word it is forgotten
     * @param digest how often it compares what is shared with what it knows itself
     * @param answer after so long without an answer a node decides alone
     * @param silence after so long without a heartbeat a member is taken for gone
     * @param merge how often members that were apart look for each other
     */
    public record Pace(Duration presence, Duration digest, Duration answer, Duration silence, Duration merge) {
        /** 2 s, 30 s, 1 s, 10 s and 10 s. */
        public static final Pace STANDARD = new Pace(
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10));
    }
}
