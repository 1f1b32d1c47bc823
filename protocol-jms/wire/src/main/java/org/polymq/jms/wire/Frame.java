/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one side tells the other. Unless said otherwise a frame goes from client to broker, and is answered with
 * {@link Ok} or {@link Failed} when its correlation is not 0.
 */
public sealed interface Frame {

    /**
     * The first frame of a connection; answered with {@link Connected}.
     *
     * @param clientId the connection's client id, or null for none yet
     * @param user the user, or null for the anonymous one
     * @param password the password, or null
     * @param heartbeatMillis the longest silence the client will keep; 0 asks for none
     * @param product name and version of the client, for people
     * @param instance what only this client connection knows: a connection that shows it again after a break takes the
     *     place of the broken one, with its temporary destinations
     */
    record Connect(
            @Nullable String clientId,
            @Nullable String user,
            @Nullable String password,
            int heartbeatMillis,
            String product,
            String instance)
            implements Frame {}

    /**
     * Broker to client: the connection is open.
     *
     * @param connectionId the broker's number of the connection
     * @param heartbeatMillis the longest silence the broker will keep, and accepts twice of; 0 is none
     * @param maxFrameSize the largest frame the broker takes, in bytes
     * @param product name and version of the broker, for people
     */
    record Connected(long connectionId, int heartbeatMillis, int maxFrameSize, String product) implements Frame {}

    /** Gives the connection its client id, once. */
    record SetClientId(String clientId) implements Frame {}

    /** Either side: are you there; answered with {@link Ok}. With correlation 0 it is just a sign of life. */
    record Ping() implements Frame {}

    /** Broker to client: done. Frames that the broker sent before it belong to the time before. */
    record Ok() implements Frame {}

    /** Broker to client: not done, and why. With correlation 0 it concerns a request that wanted no reply. */
    record Failed(WireError error, String message) implements Frame {}

    /** How a session acknowledges; the order is the byte on the wire. */
    enum SessionMode {
        /** {@link Commit} settles; {@link Recover} rolls back. */
        TRANSACTED,
        /** {@link Settle} settles; written before it is answered. */
        ACKNOWLEDGED,
        /** {@link Settle} settles; written soon, so that a crash of the broker may deliver again. */
        LAZY
    }

    /** Opens session {@code sessionId}. */
    record OpenSession(int sessionId, SessionMode mode) implements Frame {}

    /**
     * Closes a session and its consumers. Its unsettled deliveries go back: those that the application was handed
     * counted as delivered, the others uncounted.
     */
    record CloseSession(int sessionId, List<TagRange> handed) implements Frame {
        public CloseSession {
            handed = List.copyOf(handed);
        }
    }

    /**
     * A piece of a body that is too large for a frame. From client to broker: of message {@code number} (from 0) of the
     * {@link Send} or {@link Commit} that session {@code owner} sends next. From broker to client: of the delivery with
     * tag {@code number} to consumer {@code owner}, which follows. The message itself then has no body. No reply.
     */
    @SuppressWarnings("ArrayRecordComponent") // the one copy of the bytes; frames are not compared
    record BodyPart(int owner, long number, byte[] bytes) implements Frame {}

    /**
     * Stores one message.
     *
     * @param again whether it was sent before, on a connection that broke: then it is stored only if it is not there
     */
    record Send(int sessionId, WireMessage message, boolean again) implements Frame {}

    /**
     * Whether a message that was sent on a connection that broke is stored; answered with {@link Found}.
     *
     * @param deliveryTime from when it may be delivered, ms since 1970; 0 for one without delivery delay
     */
    record Find(WireDestination destination, String messageId, long deliveryTime) implements Frame {}

    /** Broker to client: the answer to {@link Find}. */
    record Found(boolean stored) implements Frame {}

    /** What a consumer reads; the order is the byte on the wire. */
    enum ConsumerKind {
        QUEUE,
        TOPIC,
        DURABLE_TOPIC,
        SHARED_TOPIC,
        SHARED_DURABLE_TOPIC,
        BROWSER
    }

    /**
     * Opens consumer {@code consumerId}, which gets nothing before its first {@link Flow}.
     *
     * @param subscription the subscription's name; null unless durable or shared
     * @param selector the selector, or null for all messages
     * @param noLocal whether messages of this connection or client id are left out
     * @param after tags of deliveries begin after this one: those of a broken connection mean nothing on the next
     */
    record OpenConsumer(
            int sessionId,
            int consumerId,
            ConsumerKind kind,
            WireDestination destination,
            @Nullable String subscription,
            @Nullable String selector,
            boolean noLocal,
            long after)
            implements Frame {}

    /**
     * Closes a consumer. Its unsettled deliveries that the application was handed stay with the session, to be settled
     * or recovered; the others go back uncounted.
     */
    record CloseConsumer(int consumerId, List<TagRange> handed) implements Frame {
        public CloseConsumer {
            handed = List.copyOf(handed);
        }
    }

    /**
     * What the broker may send to a consumer: deliveries up to tag {@code handed + messages}, and no further one once
     * those after {@code handed} have {@code bytes} together. Everything up to tag {@code handed} was handed to the
     * application; what overtook that by its priority is allowed for in the two others. Absolute, so that it may be
     * repeated. No reply.
     */
    record Flow(int consumerId, long handed, int messages, int bytes) implements Frame {}

    /**
     * Asks that everything available now is sent before the reply, as far as {@link Flow} allows. A browser that gets
     * nothing before the reply has seen everything.
     */
    record Pull(int consumerId) implements Frame {}

    /** Broker to client: a message. {@code count} is how often it was delivered, this time included. */
    record Deliver(int consumerId, long tag, int count, WireMessage message) implements Frame {}

    /** Broker to client: the broker closed this consumer. */
    record ConsumerClosed(int consumerId, WireError error, String message) implements Frame {}

    /** How deliveries end; the order is the byte on the wire. */
    enum Outcome {
        /** Consumed. */
        ACCEPTED,
        /** It had expired before it could be handed over. */
        EXPIRED
    }

    /** Settles deliveries of a session that is not transacted (expired ones: of any). */
    record Settle(int sessionId, Outcome outcome, List<TagRange> ranges) implements Frame {
        public Settle {
            ranges = List.copyOf(ranges);
        }
    }

    /** Stores all messages and settles all deliveries, or none. */
    record Commit(int sessionId, List<WireMessage> messages, List<TagRange> ranges) implements Frame {
        public Commit {
            messages = List.copyOf(messages);
            ranges = List.copyOf(ranges);
        }
    }

    /**
     * The first messages of what the session's next {@link Commit} or {@link XaEnd} stores: those in that frame come
     * behind them. For transactions that are too large for one frame. No reply; what is refused is said at the commit.
     */
    record MoreMessages(int sessionId, List<WireMessage> messages) implements Frame {
        public MoreMessages {
            messages = List.copyOf(messages);
        }
    }

    /**
     * Returns every unsettled delivery of the session to its place: those that the application was handed counted as
     * delivered, the others uncounted. Deliveries sent before the reply are void, those after it are new; each
     * consumer's window is empty again. It is JMS recover and rollback.
     */
    record Recover(int sessionId, List<TagRange> handed) implements Frame {
        public Recover {
            handed = List.copyOf(handed);
        }
    }

    /** Removes a durable subscription of the connection's client id, or without one. */
    record Unsubscribe(String subscription) implements Frame {}

    /** Makes a temporary destination of the connection, of a name that the client chose and nobody can guess. */
    record CreateTemporary(WireDestination destination) implements Frame {}

    /** Ends a temporary destination of the connection. */
    record DeleteTemporary(WireDestination destination) implements Frame {}

    /** The end of a connection; the reply is the broker's last frame. */
    record Disconnect() implements Frame {}

    /** What transaction managers cause; {@link XaDone} answers, except to {@link XaList}. */
    sealed interface Xa extends Frame {}

    /** How a session begins to work for a branch; the order is the byte on the wire. */
    enum XaStarting {
        NEW,
        JOIN,
        RESUME
    }

    /**
     * The session works for a branch from now on.
     *
     * @param timeoutSeconds how long a new branch may take until it is prepared; 0 leaves it to the broker
     */
    record XaStart(int sessionId, XaId id, XaStarting how, int timeoutSeconds) implements Xa {}

    /** How a session ends its work for a branch; the order is the byte on the wire. */
    enum XaEnding {
        SUCCESS,
        FAIL,
        SUSPEND
    }

    /** The session has worked for a branch: it sent these messages and consumed these deliveries. */
    record XaEnd(int sessionId, XaId id, XaEnding how, List<WireMessage> messages, List<TagRange> ranges)
            implements Xa {
        public XaEnd {
            messages = List.copyOf(messages);
            ranges = List.copyOf(ranges);
        }
    }

    /** What is to become of a branch; the order is the byte on the wire. */
    enum XaDecision {
        PREPARE,
        COMMIT,
        COMMIT_ONE_PHASE,
        ROLLBACK,
        FORGET
    }

    /** A transaction manager decides about a branch. */
    record XaDecide(XaDecision decision, XaId id) implements Xa {}

    /** Asks for the branches that are to be decided about or forgotten; answered with {@link XaBranches}. */
    record XaList() implements Xa {}

    /**
     * Broker to client: the answer to a transaction manager.
     *
     * @param code XA_OK, XA_RDONLY or an error code, as {@code javax.transaction.xa} has them
     * @param message what happened, for people
     */
    record XaDone(int code, String message) implements Xa {}

    /** Broker to client: the prepared branches. */
    record XaBranches(List<XaId> ids) implements Xa {
        public XaBranches {
            ids = List.copyOf(ids);
        }
    }

    /**
     * What the nodes of a cluster of several groups tell each other on the streams that a gateway opens to a group's
     * leader; on a client's own connection they are bad input.
     */
    sealed interface Node extends Frame {}

    /** Group to gateway, before {@link Connected}: as whom the client was let in. */
    record LetIn(String principal) implements Node {}

    /** What a gateway asks of a group about a branch; the order is the byte on the wire. */
    enum BranchStep {
        /** Whether an ended branch has work here: XA_OK, XA_RDONLY if not, XAER_NOTA if it is not known. */
        ASK,
        /** Prepares an ended branch under another name. */
        PREPARE_AS,
        /** In the coordinating group: commits the branch, and remembers that until {@link #FORGET}. */
        DECIDE,
        /** Commits a prepared branch, whoever prepared it. */
        COMMIT,
        /** Rolls a prepared branch back, whoever prepared it. */
        ROLLBACK,
        /**
         * In the coordinating group: XA_OK if the branch was decided to be committed; else it never will be when this
         * is answered, with XA_RBROLLBACK.
         */
        OUTCOME,
        /** In the coordinating group: every group has committed. */
        FORGET
    }

    /**
     * A step of a transaction over several groups; answered with {@link XaDone}.
     *
     * @param as the name to prepare it under; else the same as the id
     */
    record Branch(BranchStep step, XaId id, XaId as) implements Node {}

    /**
     * Asks for the branches of transactions over several groups that have waited for so many seconds, with 0 for all of
     * them; answered with {@link XaBranches}.
     *
     * @param begin how the numbers of the transactions begin, in hexadecimal; empty for all
     */
    record InDoubt(int seconds, String begin) implements Node {}

    /** Deliveries of one consumer, both ends included. */
    record TagRange(int consumerId, long first, long last) {
        /** Whether a delivery of the consumer is in the range. */
        public boolean contains(long tag) {
            return tag >= first && tag <= last;
        }
    }
}
