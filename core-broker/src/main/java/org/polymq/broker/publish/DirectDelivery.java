/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.subscription.TemporaryDestinations;

/**
 * Hands messages to destinations that are one connected client and no topic: temporary destinations, and native clients
 * that wait for an answer. Nothing of it is in the log. Safe from any thread.
 */
public final class DirectDelivery {
    private static final Address ANSWER = Address.of("$reply");

    private final TemporaryDestinations temporaries;
    private volatile NativeClients natives = NoNativeClients.NONE;

    /** The native clients that are connected. */
    public interface NativeClients {
        /** Whether a client of this id can be given answers. */
        boolean isOnline(String clientId);

        /** Hands it a message; TOPIC_NOT_FOUND if it is not there, UNAVAILABLE if it does not take the message. */
        void push(String clientId, Message message, Lane lane, Reply<Stored> reply);
    }

    private enum NoNativeClients implements NativeClients {
        NONE;

        @Override
        public boolean isOnline(String clientId) {
            return false;
        }

        @Override
        public void push(String clientId, Message message, Lane lane, Reply<Stored> reply) {
            reply.failed(notOnline(clientId));
        }
    }

    public DirectDelivery(TemporaryDestinations temporaries) {
        this.temporaries = temporaries;
    }

    /** The gateway of native clients is there. */
    public void serve(NativeClients clients) {
        natives = clients;
    }

    /** Whether a destination is a client; everything else is a topic or a queue. */
    public static boolean takes(Destination destination) {
        return destination.kind().isTemporary() || destination.nativeClientId() != null;
    }

    /** What a message to such a destination has as its address. */
    public static Address addressOf(Destination destination) {
        return destination.kind().isTemporary() ? Address.of(destination.name()) : ANSWER;
    }

    /**
     * That a message can be delivered, as far as is known now.
     *
     * @throws BrokerException TOPIC_NOT_FOUND
     */
    public void check(Destination destination) {
        String clientId = destination.nativeClientId();
        if (clientId == null) {
            temporaries.check(destination.name());
        } else if (!natives.isOnline(clientId)) {
            throw notOnline(clientId);
        }
    }

    /** Delivers a message; TOPIC_NOT_FOUND if the client is gone, LIMIT_EXCEEDED or UNAVAILABLE. */
    void deliver(Outgoing outgoing, Destination to, Lane lane, Reply<Stored> reply) {
        if (outgoing.upload() != null) {
            outgoing.abandon();
            reply.failed(tooLarge(to));
            return;
        }
        String clientId = to.nativeClientId();
        if (clientId != null) {
            natives.push(clientId, outgoing.message(), lane, reply);
            return;
        }
        try {
            temporaries.publish(to.name(), outgoing.message());
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        reply.ok(Stored.unstored());
    }

    /** The refusal of a message in parts. */
    public static BrokerException tooLarge(Destination destination) {
        return new BrokerException(
                Reason.MESSAGE_TOO_LARGE,
                "a message in parts cannot go to " + destination + ": it is one client, served from memory");
    }

    /** The refusal of a message to a native client that is not connected. */
    public static BrokerException notOnline(String clientId) {
        return new BrokerException(
                Reason.TOPIC_NOT_FOUND,
                "push reply message fail, channel of <" + clientId + "> not found: the requester is not connected"
                        + " here any more");
    }
}
