/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.MoreMessages;
import org.polymq.jms.wire.WireMessage;

/** The messages of sessions' transactions that have come before their commit. Confined to the client's event loop. */
final class Gathering {
    /** What one session may have here, in bytes; large bodies do not count. */
    private static final long MAX_BYTES = 64L << 20;
    /** About so many bytes of messages go to a group in one frame. */
    private static final long FRAME = 2 << 20;

    private final HeldBodies bodies;
    private final Map<Integer, Messages> bySession = new HashMap<>();

    /** A message, and the pieces of its body if that is large. */
    record Message(WireMessage wire, List<byte[]> pieces) {}

    /** Those of one transaction, or why there can be none. */
    private static final class Messages {
        private final List<Message> all = new ArrayList<>();
        private long bytes;
        private @Nullable BrokerException refusal;
    }

    Gathering(HeldBodies bodies) {
        this.bodies = bodies;
    }

    /** Takes the first messages of a session's transaction; what is refused is said at its commit. */
    void more(MoreMessages more) {
        add(more.sessionId(), more.messages());
    }

    private Messages add(int session, List<WireMessage> messages) {
        Messages its = bySession.computeIfAbsent(session, each -> new Messages());
        for (int i = 0; i < messages.size() && its.refusal == null; i++) {
            WireMessage message = messages.get(i);
            byte[] body = message.body();
            its.bytes += body == null ? 0 : body.length;
            try {
                if (its.bytes > MAX_BYTES) {
                    throw new BrokerException(
                            Reason.LIMIT_EXCEEDED,
                            "a transaction's messages of less than 4 MB have at most " + MAX_BYTES + " bytes together");
                }
                its.all.add(new Message(message, bodies.take(session, i)));
            } catch (BrokerException refused) {
                its.refusal = refused;
                its.all.clear();
            }
        }
        if (its.refusal != null) {
            bodies.end(session);
        }
        return its;
    }

    /** What has come of a session's transaction. */
    List<Message> of(int session) {
        Messages its = bySession.get(session);
        return its == null ? List.of() : its.all;
    }

    /**
     * All messages of a session's transaction, these the last; it is forgotten here.
     *
     * @throws BrokerException if one of them was refused
     */
    List<Message> take(int session, List<WireMessage> last) {
        Messages its = add(session, last);
        bySession.remove(session);
        if (its.refusal != null) {
            throw its.refusal;
        }
        return its.all;
    }

    /** A session rolls back, or closes. */
    void drop(int session) {
        bySession.remove(session);
    }

    /** Sends a group all but the messages that go with the commit itself; answers those. */
    static List<WireMessage> sendAhead(GroupStream stream, int session, List<Message> messages) {
        List<WireMessage> frame = new ArrayList<>();
        long bytes = 0;
        for (Message message : messages) {
            long size = message.wire().roughSize();
            if (bytes > 0 && bytes + size > FRAME) {
                stream.tell(new MoreMessages(session, frame));
                frame = new ArrayList<>();
                bytes = 0;
            }
            int number = frame.size();
            message.pieces().forEach(piece -> stream.tell(new BodyPart(session, number, piece)));
            frame.add(message.wire());
            bytes += size;
        }
        return frame;
    }
}
