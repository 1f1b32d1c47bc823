/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

/** Why a request failed. Each adapter has one table from these to its protocol's errors. */
public enum Reason {
    /** The topic or queue does not exist and may not be made by this request. */
    TOPIC_NOT_FOUND(Caller.CHANGES_REQUEST),
    /** A queue was used as a topic or a topic as a queue. */
    WRONG_KIND(Caller.CHANGES_REQUEST),
    /** A topic, queue, group, client or subscription name is not allowed, or a filter is malformed. */
    INVALID_NAME(Caller.CHANGES_REQUEST),
    /** The message or one of its properties is not allowed. */
    INVALID_MESSAGE(Caller.CHANGES_REQUEST),
    /** The message is larger than its topic or the broker allows. */
    MESSAGE_TOO_LARGE(Caller.CHANGES_REQUEST),
    /** Another parameter of the request is missing, malformed or out of range. */
    INVALID_REQUEST(Caller.CHANGES_REQUEST),
    /** A selector or SQL92 expression does not parse. */
    INVALID_SELECTOR(Caller.CHANGES_REQUEST),
    /** The topic has no such queue number. */
    QUEUE_NOT_FOUND(Caller.CHANGES_REQUEST),
    /** The offset or position lies outside what is kept. */
    OFFSET_OUT_OF_RANGE(Caller.CHANGES_REQUEST),
    /** User, password, signature or certificate are wrong or missing. */
    NOT_AUTHENTICATED(Caller.CHANGES_REQUEST),
    /** The principal lacks the permission. */
    NO_PERMISSION(Caller.CHANGES_REQUEST),
    /** Someone else consumes from the subscription, or it has messages in flight and cannot change its mode. */
    SUBSCRIPTION_IN_USE(Caller.CHANGES_REQUEST),
    /** There is no such durable subscription or session. */
    SUBSCRIPTION_NOT_FOUND(Caller.CHANGES_REQUEST),
    /** The native consumer group does not exist. */
    GROUP_NOT_FOUND(Caller.CHANGES_REQUEST),
    /** The client id is in use by another live connection. */
    CLIENT_ID_IN_USE(Caller.CHANGES_REQUEST),
    /** There is no such transaction, or it has ended. */
    TRANSACTION_NOT_FOUND(Caller.CHANGES_REQUEST),
    /** What was to be made exists already with other settings. */
    ALREADY_EXISTS(Caller.CHANGES_REQUEST),
    /** A quota or limit of the configuration is reached; the message names its key. */
    LIMIT_EXCEEDED(Caller.CHANGES_REQUEST),
    /** PolyMQ does not do this (yet). */
    NOT_SUPPORTED(Caller.CHANGES_REQUEST),
    /** No space for new messages; reading and acknowledging go on. */
    DISK_FULL(Caller.MAY_RETRY),
    /** Overloaded or not ready. */
    UNAVAILABLE(Caller.MAY_RETRY),
    /** This node does not lead its group; nothing was done, and the node that leads does it. */
    NOT_LEADING(Caller.MAY_RETRY),
    /** This node lost the lead of its group meanwhile: the request may or may not have been done. */
    LEAD_LOST(Caller.MAY_RETRY_IF_HARMLESS),
    /** The broker, session or consumer is closed or closing. */
    CLOSED(Caller.MAY_RETRY),
    /** The request may or may not have been done: retry if twice is harmless. */
    OUTCOME_UNKNOWN(Caller.MAY_RETRY_IF_HARMLESS),
    /** Stored bytes are not what was written: call an operator. */
    CORRUPT(Caller.CALLS_OPERATOR),
    /** A bug of the broker. */
    INTERNAL(Caller.CALLS_OPERATOR);

    /** What the one who asked can do. */
    public enum Caller {
        CHANGES_REQUEST,
        MAY_RETRY,
        MAY_RETRY_IF_HARMLESS,
        CALLS_OPERATOR
    }

    private final Caller caller;

    Reason(Caller caller) {
        this.caller = caller;
    }

    /** Whether the request may have been done. */
    public boolean leavesOpen() {
        return this == OUTCOME_UNKNOWN || this == LEAD_LOST;
    }

    /** Whether another node serves what this one did: clients go there. */
    public boolean isOfAnotherNode() {
        return this == NOT_LEADING || this == LEAD_LOST;
    }

    /** What the one who asked can do. */
    public Caller caller() {
        return caller;
    }
}
