/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.polymq.broker.Reason;
import org.polymq.mqtt.wire.ReasonCode;

/** The core's reasons as MQTT says them. */
final class Reasons {
    private Reasons() {}

    /** For the answer to PUBLISH and for DISCONNECT. */
    static ReasonCode ofPublish(Reason reason) {
        return switch (reason) {
            case TOPIC_NOT_FOUND, INVALID_NAME, WRONG_KIND -> ReasonCode.TOPIC_NAME_INVALID;
            case INVALID_MESSAGE -> ReasonCode.PAYLOAD_FORMAT_INVALID;
            case MESSAGE_TOO_LARGE, LIMIT_EXCEEDED, DISK_FULL -> ReasonCode.QUOTA_EXCEEDED;
            case NOT_AUTHENTICATED, NO_PERMISSION -> ReasonCode.NOT_AUTHORIZED;
            default -> other(reason);
        };
    }

    /**
     * Whether it is not the packet that is wrong but this server just now, or whether it is unknown what became of the
     * packet: another connection, perhaps to another node, can do what this one cannot.
     */
    static boolean isForAnotherConnection(Reason reason) {
        return reason == Reason.UNAVAILABLE
                || reason == Reason.CLOSED
                || reason == Reason.OUTCOME_UNKNOWN
                || reason.isOfAnotherNode();
    }

    /** For SUBACK and UNSUBACK. */
    static ReasonCode ofSubscribe(Reason reason) {
        return switch (reason) {
            case TOPIC_NOT_FOUND, INVALID_NAME, WRONG_KIND, INVALID_SELECTOR -> ReasonCode.TOPIC_FILTER_INVALID;
            case LIMIT_EXCEEDED, DISK_FULL -> ReasonCode.QUOTA_EXCEEDED;
            case NOT_AUTHENTICATED, NO_PERMISSION -> ReasonCode.NOT_AUTHORIZED;
            default -> other(reason);
        };
    }

    /** For CONNACK. */
    static ReasonCode ofConnect(Reason reason) {
        return switch (reason) {
            case INVALID_NAME -> ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
            case NOT_AUTHENTICATED -> ReasonCode.BAD_USER_NAME_OR_PASSWORD;
            case NO_PERMISSION -> ReasonCode.NOT_AUTHORIZED;
            case LIMIT_EXCEEDED -> ReasonCode.QUOTA_EXCEEDED;
            case DISK_FULL, UNAVAILABLE -> ReasonCode.SERVER_BUSY;
            case CLOSED, NOT_LEADING, LEAD_LOST -> ReasonCode.SERVER_UNAVAILABLE;
            default -> ReasonCode.UNSPECIFIED_ERROR;
        };
    }

    private static ReasonCode other(Reason reason) {
        return switch (reason) {
            case INTERNAL, CORRUPT, OUTCOME_UNKNOWN, LEAD_LOST -> ReasonCode.UNSPECIFIED_ERROR;
            default -> ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
        };
    }
}
