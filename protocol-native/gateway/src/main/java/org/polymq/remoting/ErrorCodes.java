/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.broker.Reason;
import org.polymq.remoting.wire.ResponseCode;

/** The core's reasons as RocketMQ's response codes. */
final class ErrorCodes {
    private ErrorCodes() {}

    /** Codes 2, 14, 16 and 17 make a producer try another queue; 1 and 13 do not. */
    static int of(Reason reason) {
        return switch (reason) {
            case TOPIC_NOT_FOUND -> ResponseCode.TOPIC_NOT_EXIST;
            case WRONG_KIND, INVALID_MESSAGE, MESSAGE_TOO_LARGE -> ResponseCode.MESSAGE_ILLEGAL;
            case INVALID_NAME, INVALID_REQUEST, QUEUE_NOT_FOUND, OFFSET_OUT_OF_RANGE -> ResponseCode.INVALID_PARAMETER;
            case INVALID_SELECTOR -> ResponseCode.SUBSCRIPTION_PARSE_FAILED;
            case NOT_AUTHENTICATED, NO_PERMISSION -> ResponseCode.NO_PERMISSION;
            case SUBSCRIPTION_NOT_FOUND -> ResponseCode.SUBSCRIPTION_NOT_EXIST;
            case GROUP_NOT_FOUND -> ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST;
            case NOT_SUPPORTED -> ResponseCode.REQUEST_CODE_NOT_SUPPORTED;
            case UNAVAILABLE, NOT_LEADING -> ResponseCode.SYSTEM_BUSY;
            case DISK_FULL, CLOSED -> ResponseCode.SERVICE_NOT_AVAILABLE;
            case SUBSCRIPTION_IN_USE,
                    CLIENT_ID_IN_USE,
                    TRANSACTION_NOT_FOUND,
                    ALREADY_EXISTS,
                    LIMIT_EXCEEDED,
                    OUTCOME_UNKNOWN,
                    LEAD_LOST,
                    CORRUPT,
                    INTERNAL -> ResponseCode.SYSTEM_ERROR;
        };
    }
}
