/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.jms.wire.Frame.BodyPart;

/**
 * Large bodies that a client sends: their pieces come before the message that says which group they go to, so they wait
 * here. All clients of a gateway share its room. Confined to the client's event loop.
 */
final class HeldBodies {
    private final Room room;
    private final Map<Key, Body> bodies = new HashMap<>();

    private record Key(int session, long number) {}

    private static final class Body {
        private final List<byte[]> pieces = new ArrayList<>();
        private long bytes;
        private boolean refused;
    }

    /** What a gateway has for large bodies. Safe from any thread. */
    static final class Room {
        private final long most;
        private final AtomicLong used = new AtomicLong();

        /** @param most bytes of all clients together */
        Room(long most) {
            this.most = most;
        }

        private boolean take(long bytes) {
            if (used.addAndGet(bytes) <= most) {
                return true;
            }
            used.addAndGet(-bytes);
            return false;
        }

        private void give(long bytes) {
            used.addAndGet(-bytes);
        }
    }

    HeldBodies(Room room) {
        this.room = room;
    }

    /** Takes a piece. That there is no room for it is said when the message comes. */
    void part(BodyPart part) {
        Body body = bodies.computeIfAbsent(new Key(part.owner(), part.number()), each -> new Body());
        int length = part.bytes().length;
        if (!body.refused && room.take(length)) {
            body.bytes += length;
            body.pieces.add(part.bytes());
        } else {
            body.refused = true;
            free(body);
        }
    }

    private void free(Body body) {
        room.give(body.bytes);
        body.bytes = 0;
        body.pieces.clear();
    }

    /**
     * The pieces of a message's body, in order; empty if it came with the message.
     *
     * @throws BrokerException LIMIT_EXCEEDED if there was no room for them
     */
    List<byte[]> take(int session, long number) {
        Body body = bodies.isEmpty() ? null : bodies.remove(new Key(session, number));
        if (body == null) {
            return List.of();
        }
        if (body.refused) {
            throw new BrokerException(
                    Reason.LIMIT_EXCEEDED,
                    "this node holds at most " + room.most + " bytes of large messages on their way to their groups;"
                            + " send it again later, or fewer at once");
        }
        List<byte[]> pieces = List.copyOf(body.pieces);
        free(body);
        return pieces;
    }

    /** Gives up what is left of a session's. */
    void end(int session) {
        bodies.entrySet().removeIf(each -> {
            boolean its = each.getKey().session() == session;
            if (its) {
                free(each.getValue());
            }
            return its;
        });
    }

    void end() {
        bodies.values().forEach(this::free);
        bodies.clear();
    }
}
