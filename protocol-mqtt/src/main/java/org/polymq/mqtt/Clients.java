/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which connection holds a client id, and what a persistent session leaves in memory between two connections. Safe from
 * any thread.
 */
final class Clients {
    private final Map<String, Holder> holders = new ConcurrentHashMap<>();
    private final Map<String, Map<Long, Integer>> parked = new ConcurrentHashMap<>();

    /** A connection with a client id. */
    interface Holder {
        /** Ends the connection because another one has come with its client id. */
        void takeOver();

        /** Completes when the connection has let go of its session. */
        CompletionStage<Void> released();

        /** The user that the connection has logged in as; empty while security is off. */
        String user();
    }

    /** The user whose connection holds a client id; empty if there is none. */
    String userOf(String clientId) {
        Holder holder = holders.get(clientId);
        return holder == null ? "" : holder.user();
    }

    /** Gives the client id to a connection; the answer completes when the one before has let go. */
    CompletionStage<Void> claim(String clientId, Holder next) {
        Holder before = holders.put(clientId, next);
        if (before == null) {
            return CompletableFuture.completedFuture(null);
        }
        before.takeOver();
        return before.released();
    }

    /** The connection has let go; nothing happens if another one has the client id already. */
    void release(String clientId, Holder holder) {
        holders.remove(clientId, holder);
    }

    /** Keeps QoS 1 packet identifiers for the next connection of the session. */
    void park(String clientId, Map<Long, Integer> packetIds) {
        if (!packetIds.isEmpty()) {
            parked.put(clientId, packetIds);
        }
    }

    /** What was parked last, forgotten by this call. */
    Map<Long, Integer> unpark(String clientId) {
        Map<Long, Integer> packetIds = parked.remove(clientId);
        return packetIds == null ? Map.of() : packetIds;
    }
}
