/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/** Why the log did not store something. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller can do about it. */
    public enum Reason {
        /** No space: retry when space is back. Reads, acknowledgements and deletions go on. */
        DISK_FULL,
        /** Larger than one entry may be: change the request. */
        TOO_LARGE,
        /** The log is closed or closing: retry elsewhere. */
        CLOSED,
        /** A write or fdatasync failed: final until restart; the outcome is unknown. */
        FAILED,
        /** Bytes on disk are not what was written: call an operator. */
        CORRUPT,
        /** Another node of the group leads, or none: retry there. Nothing was stored. */
        NOT_LEADING,
        /** The group does not keep up: retry later. Nothing was stored. */
        BUSY,
        /** The lead was lost meanwhile: whether it is stored is unknown. */
        UNDECIDED
    }

    private final Reason reason;

    public StorageException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public StorageException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
