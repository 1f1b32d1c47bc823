/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashSet;
import java.util.List;

/**
 * Which group of a cluster a name belongs to, by rendezvous hashing: all nodes that know the same groups decide alike
 * without asking, and a group that is added takes its share of the names while no other name moves. A group is known by
 * its slot, its place in the list, which it keeps for good. Immutable.
 */
public final class Placement {
    /** Most groups of a cluster: packet ids of MQTT are shared out among so many. */
    public static final int MOST_GROUPS = 16;

    private final List<String> groups;
    private final long[] seeds;

    /**
     * Over groups in the order of their slots.
     *
     * @param groups names, all different; 1 to {@value #MOST_GROUPS}
     */
    public Placement(List<String> groups) {
        if (groups.isEmpty() || groups.size() > MOST_GROUPS) {
            throw new IllegalArgumentException(
                    "a cluster of " + groups.size() + " groups; it has from 1 to " + MOST_GROUPS);
        }
        if (new HashSet<>(groups).size() != groups.size()) {
            throw new IllegalArgumentException("two groups have one name: " + groups);
        }
        this.groups = List.copyOf(groups);
        this.seeds = groups.stream().mapToLong(Placement::hash).toArray();
    }

    /** Names by slot. */
    public List<String> groups() {
        return groups;
    }

    /**
     * Of a path: an MQTT topic name such as {@code a/b/c}, a JMS topic in that spelling, or a queue's name. Messages of
     * one path are in one group, which keeps their order.
     */
    public int ofPath(String path) {
        return of(path);
    }

    /** The home of a session: an MQTT or JMS client id. */
    public int ofClient(String clientId) {
        return of(clientId);
    }

    private int of(String name) {
        long hash = hash(name);
        int best = 0;
        long most = Long.MIN_VALUE;
        for (int slot = 0; slot < seeds.length; slot++) {
            long weight = mix(hash ^ seeds[slot]);
            if (weight > most) {
                most = weight;
                best = slot;
            }
        }
        return best;
    }

    /** FNV-1a of 64 bits over UTF-8; part of what nodes agree on, so it may never change. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte each : text.getBytes(UTF_8)) {
            hash = (hash ^ (each & 0xff)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** The finalizer of MurmurHash3 with 64 bits. */
    private static long mix(long hash) {
        long mixed = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
