/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.WireError;

/** The table from the core's reasons to the protocol's errors. */
public final class Reasons {
    private Reasons() {}

    public static Failed failed(BrokerException cause) {
        return new Failed(errorOf(cause.reason()), String.valueOf(cause.getMessage()));
    }

    /** The answer to a commit: it was not written, unless nobody knows. */
    static Failed rolledBack(BrokerException cause) {
        WireError error = errorOf(cause.reason());
        return new Failed(
                error == WireError.OUTCOME_UNKNOWN ? error : WireError.TRANSACTION_ROLLED_BACK,
                String.valueOf(cause.getMessage()));
    }

    static WireError errorOf(Reason reason) {
        return switch (reason) {
            case TOPIC_NOT_FOUND, WRONG_KIND, INVALID_NAME, QUEUE_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, GROUP_NOT_FOUND ->
                WireError.INVALID_DESTINATION;
            case MESSAGE_TOO_LARGE -> WireError.MESSAGE_TOO_LARGE;
            case INVALID_MESSAGE, INVALID_REQUEST, OFFSET_OUT_OF_RANGE -> WireError.BAD_REQUEST;
            case INVALID_SELECTOR -> WireError.INVALID_SELECTOR;
            case NOT_AUTHENTICATED, NO_PERMISSION -> WireError.SECURITY;
            case SUBSCRIPTION_IN_USE, TRANSACTION_NOT_FOUND, ALREADY_EXISTS -> WireError.ILLEGAL_STATE;
            case CLIENT_ID_IN_USE -> WireError.INVALID_CLIENT_ID;
            case LIMIT_EXCEEDED, DISK_FULL -> WireError.RESOURCE_LIMIT;
            case NOT_SUPPORTED -> WireError.NOT_SUPPORTED;
            case UNAVAILABLE, NOT_LEADING, CLOSED -> WireError.UNAVAILABLE;
            case OUTCOME_UNKNOWN, LEAD_LOST -> WireError.OUTCOME_UNKNOWN;
            case CORRUPT, INTERNAL -> WireError.INTERNAL;
        };
    }
}
