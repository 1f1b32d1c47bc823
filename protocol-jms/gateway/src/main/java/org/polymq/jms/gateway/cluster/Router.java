/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.DeleteTemporary;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.WireDestination;
import org.polymq.jms.wire.WireMessage;

/** Which group a client's frames concern. Confined to the client's event loop. */
final class Router {
    private static final String DEAD_LETTERS = "%DLQ%";

    private final QueuePlaces places;
    private final Streams streams;
    private final HeldBodies bodies;
    private final Gathering gathering;

    Router(QueuePlaces places, Streams streams, HeldBodies bodies, Gathering gathering) {
        this.places = places;
        this.streams = streams;
        this.bodies = bodies;
        this.gathering = gathering;
    }

    /** The first destination of a frame whose group has to be {@linkplain #ask asked} for; null if all are known. */
    @Nullable
    WireDestination unknown(Frame frame) {
        if (frame instanceof Send send) {
            return unknown(send.message().destination());
        } else if (frame instanceof Commit commit) {
            return unknown(commit.sessionId(), commit.messages());
        } else if (frame instanceof XaEnd end) {
            return unknown(end.sessionId(), end.messages());
        } else if (frame instanceof OpenConsumer open) {
            return isEverywhere(open) ? null : unknown(open.destination());
        } else if (frame instanceof Find find) {
            return unknown(find.destination());
        } else if (frame instanceof CreateTemporary create) {
            return unknown(create.destination());
        } else if (frame instanceof DeleteTemporary delete) {
            return unknown(delete.destination());
        }
        return null;
    }

    /**
     * Whether a consumer has to be open in every group: messages of a topic come from any, and dead letters are in the
     * group in which they died.
     */
    static boolean isEverywhere(OpenConsumer open) {
        return switch (open.destination().kind()) {
            case TOPIC -> true;
            case QUEUE -> open.destination().name().startsWith(DEAD_LETTERS);
            case TEMPORARY_QUEUE, TEMPORARY_TOPIC -> false;
        };
    }

    private @Nullable WireDestination unknown(int session, List<WireMessage> last) {
        for (Gathering.Message message : gathering.of(session)) {
            WireDestination unknown = unknown(message.wire().destination());
            if (unknown != null) {
                return unknown;
            }
        }
        for (WireMessage message : last) {
            WireDestination unknown = unknown(message.destination());
            if (unknown != null) {
                return unknown;
            }
        }
        return null;
    }

    private @Nullable WireDestination unknown(WireDestination destination) {
        return places.slotOf(destination).isPresent() ? null : destination;
    }

    /** Asks in which group a queue is. */
    CompletionStage<Integer> ask(WireDestination queue) {
        return places.ask(queue);
    }

    /** A new frame is looked at: what was known some seconds before it has to be asked again. */
    void begin() {
        places.begin();
    }

    /** The group of a destination that is known. */
    int slotOf(WireDestination destination) {
        OptionalInt slot = places.slotOf(destination);
        return slot.orElseThrow(() -> new BrokerException(
                Reason.LIMIT_EXCEEDED,
                "a transaction that sends to more than " + QueuePlaces.MOST + " queues; make several of it"));
    }

    GroupStream to(WireDestination destination) {
        return streams.get(slotOf(destination));
    }

    /** Sends a message to its group, behind its large body if it has one. */
    void send(GatewaySession session, Send send, boolean answered, Consumer<Frame> reply) {
        List<byte[]> pieces = bodies.take(send.sessionId(), 0);
        GroupStream stream = session.stream(slotOf(send.message().destination()));
        pieces.forEach(piece -> stream.tell(new BodyPart(send.sessionId(), 0, piece)));
        if (answered) {
            stream.request(send, reply);
        } else {
            stream.tell(send);
        }
    }
}
