/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The QoS 1 and 2 messages on their way to one client, by packet identifier. Confined to its event loop. */
final class Window {
    private final int limit;
    private final PacketIds ids;
    private final IntObjectMap<InFlight> byId = new IntObjectHashMap<>(8);
    private final BitSet reserved = new BitSet();
    private int last;

    /**
     * An empty window.
     *
     * @param limit how many messages at a time, 1 to 65535; never more than half of the identifiers are used
     */
    Window(int limit, PacketIds ids) {
        this.limit = Math.min(limit, ids.count() / 2);
        this.ids = ids;
    }

    int limit() {
        return limit;
    }

    int size() {
        return byId.size();
    }

    boolean hasRoom() {
        return byId.size() < limit;
    }

    /** Keeps an identifier for a message that is about to be sent again under it. */
    void reserve(int packetId) {
        reserved.set(packetId);
    }

    void unreserveAll() {
        reserved.clear();
    }

    /** Puts a message under a free identifier. There must be room. */
    InFlight open(int qos, InFlight.Source source, @Nullable Object ticket) {
        do {
            last = ids.after(last);
        } while (byId.containsKey(last) || reserved.get(last));
        return open(last, qos, source, ticket);
    }

    /** Puts a message under the identifier it had before. */
    InFlight open(int packetId, int qos, InFlight.Source source, @Nullable Object ticket) {
        reserved.clear(packetId);
        InFlight message = new InFlight(packetId, qos, source, ticket);
        byId.put(packetId, message);
        return message;
    }

    @Nullable
    InFlight get(int packetId) {
        return byId.get(packetId);
    }

    void close(InFlight message) {
        byId.remove(message.packetId);
    }

    Iterable<InFlight> all() {
        return byId.values();
    }
}
