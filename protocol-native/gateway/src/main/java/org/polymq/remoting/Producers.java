/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.security.Access;
import org.polymq.remoting.wire.Language;

/**
 * Which clients are online as producers of which group, so that they can be asked about transactions and given replies.
 * Safe from any thread.
 */
final class Producers {
    private final Map<String, Map<String, Producer>> groups = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * One client of a group.
     *
     * @param access what its sender may do: it is asked only about messages that it may send
     * @param version RocketMQ's ordinal of the client's version
     * @param seenAt steady ms of its last heartbeat
     */
    record Producer(
            String clientId, NativeConnection connection, Access access, Language language, int version, long seenAt) {}

    /** Takes a producer's heartbeat. */
    void heartbeat(String group, Producer producer) {
        groups.compute(group, (name, known) -> {
            Map<String, Producer> members = known == null ? new ConcurrentHashMap<>() : known;
            members.put(producer.clientId(), producer);
            return members;
        });
    }

    /** A client leaves a group; what another connection says of it is not heard. */
    void leave(String group, String clientId, NativeConnection connection) {
        remove(group, producer -> producer.clientId().equals(clientId) && producer.connection() == connection);
    }

    /** A connection is gone, and with it its clients. */
    void connectionClosed(NativeConnection connection) {
        groups.keySet().forEach(group -> remove(group, producer -> producer.connection() == connection));
    }

    /** Drops clients whose last heartbeat was before {@code seenBefore}. */
    void expire(long seenBefore) {
        groups.keySet().forEach(group -> remove(group, producer -> producer.seenAt() < seenBefore));
    }

    private interface Which {
        boolean test(Producer producer);
    }

    private void remove(String group, Which which) {
        groups.computeIfPresent(group, (name, members) -> {
            members.values().removeIf(which::test);
            return members.isEmpty() ? null : members;
        });
    }

    /** One online client of a group that may, another one each time; null if there is none. */
    @Nullable
    Producer any(String group, Predicate<Producer> may) {
        List<Producer> online = of(group).stream().filter(may).toList();
        return online.isEmpty() ? null : online.get(Math.floorMod(turn.getAndIncrement(), online.size()));
    }

    /** The connection of a client that is online in any group, or null. */
    @Nullable
    NativeConnection connectionOf(String clientId) {
        for (Map<String, Producer> members : groups.values()) {
            Producer producer = members.get(clientId);
            if (producer != null) {
                return producer.connection();
            }
        }
        return null;
    }

    /** The online clients of a group. */
    List<Producer> of(String group) {
        Map<String, Producer> members = groups.get(group);
        return members == null ? List.of() : List.copyOf(members.values());
    }

    /** The groups with online clients. */
    Set<String> names() {
        return Set.copyOf(groups.keySet());
    }
}
