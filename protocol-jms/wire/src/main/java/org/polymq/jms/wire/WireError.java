/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

/** Why the broker refused a request. The client maps each to one exception class of Jakarta Messaging. */
public enum WireError {
    /** The broker failed; its log says more. */
    INTERNAL(0),
    /** A frame that makes no sense here. */
    BAD_REQUEST(1),
    /** The version after the magic is not spoken here. */
    UNSUPPORTED_VERSION(2),
    /** Unknown user, wrong password, or no permission. */
    SECURITY(3),
    /** The client id is in use or malformed. */
    INVALID_CLIENT_ID(4),
    /** No such destination, or it is of the other kind, or its name cannot be. */
    INVALID_DESTINATION(5),
    /** The selector does not parse. */
    INVALID_SELECTOR(6),
    /** The request does not fit the state of its object, e.g. a subscription in use. */
    ILLEGAL_STATE(7),
    /** A limit is reached: connections, sessions, disk. */
    RESOURCE_LIMIT(8),
    /** The message is larger than the destination takes. */
    MESSAGE_TOO_LARGE(9),
    /** The transaction was not written and never will be. */
    TRANSACTION_ROLLED_BACK(10),
    /** The broker does not offer this. */
    NOT_SUPPORTED(11),
    /** Not now; the same request may succeed later. */
    UNAVAILABLE(12),
    /** The request may or may not have been done. */
    OUTCOME_UNKNOWN(13);

    private static final WireError[] BY_CODE = values();

    private final int code;

    WireError(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The error of a code; a code of a newer version reads as {@link #INTERNAL}. */
    static WireError of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : INTERNAL;
    }
}
