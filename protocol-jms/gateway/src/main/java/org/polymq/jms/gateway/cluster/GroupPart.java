/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayList;
import java.util.List;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Flow;

/**
 * What a consumer of all groups knows of one of them: how far its deliveries have come, and what it may send. Confined
 * to the client's event loop.
 */
final class GroupPart {
    /** A group may be so far ahead of what the client takes. */
    private static final int MOST_MESSAGES = 128;

    private static final int MOST_BYTES = 512 << 10;

    private final int consumerId;
    private final GroupStream stream;
    private List<BodyPart> pieces = new ArrayList<>();
    private long streamed;
    /** Tags are the group's. */
    private long lastSeen;

    private long handed;
    /** It may send up to this tag. */
    private long limit;
    /** Deliveries that wait at this gateway. */
    private int held;
    /** Deliveries that the client was sent and not handed, or that wait here. */
    private int outstanding;

    private long outstandingBytes;

    GroupPart(int consumerId, GroupStream stream) {
        this.consumerId = consumerId;
        this.stream = stream;
    }

    GroupStream stream() {
        return stream;
    }

    // ---- deliveries

    void hold(BodyPart piece) {
        pieces.add(piece);
    }

    /** A piece goes to the client at once. */
    void counts(BodyPart piece) {
        streamed += piece.bytes().length;
    }

    /** How many bytes of a body went to the client before its message. */
    long takeStreamed() {
        long bytes = streamed;
        streamed = 0;
        return bytes;
    }

    /** A delivery has come; answers the pieces of its body that are held. */
    List<BodyPart> came(Deliver delivery) {
        lastSeen = delivery.tag();
        if (outstanding == 0) {
            handed = lastSeen - 1; // Also over a recovery, in which the group uses up tags that nobody sees.
        }
        return takeHeld();
    }

    /** The pieces of a body that are held; they are not any more. */
    List<BodyPart> takeHeld() {
        if (pieces.isEmpty()) {
            return List.of();
        }
        List<BodyPart> its = pieces;
        pieces = new ArrayList<>();
        return its;
    }

    /** A delivery went back in a recovery. */
    void dropped(Deliver delivery) {
        came(delivery);
        handed = lastSeen;
    }

    /** So many more wait here. */
    void held(int messages, long bytes) {
        held += messages;
        outstanding += messages;
        outstandingBytes += bytes;
    }

    /** The client was sent one. */
    void sent(long bytes) {
        outstanding++;
        outstandingBytes += bytes;
    }

    /** The application was handed one. */
    void handed(long tag, long bytes) {
        handed = tag;
        outstanding--;
        outstandingBytes -= bytes;
    }

    /** Everything goes back. */
    void forget() {
        held = 0;
        outstanding = 0;
        outstandingBytes = 0;
        handed = lastSeen;
        pieces = new ArrayList<>();
    }

    // ---- credit

    private int wanted(int free) {
        return Math.max(0, Math.min(free, MOST_MESSAGES) - held);
    }

    /** Lets it send as much as fits the client's window, and no more. */
    void grant(int free) {
        limit = lastSeen + wanted(free);
        long bytes = Math.min(2 * outstandingBytes + MOST_BYTES, Integer.MAX_VALUE);
        stream.tell(new Flow(consumerId, handed, (int) (limit - handed), (int) bytes));
    }

    /** The same once half of what it was granted is used up. */
    void grantWhenHalfUsed(int free) {
        int wanted = wanted(free);
        if (wanted > 0 && (limit - lastSeen) * 2 <= wanted) {
            grant(free);
        }
    }
}
