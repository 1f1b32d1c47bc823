/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import java.io.IOException;

/** Why a command was not done, in words for the one who typed it, and the exit status that says so to scripts. */
public final class CommandFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The server refused, or the command cannot do it. */
    public static final int REFUSED = 1;
    /** No server answers. */
    public static final int NO_SERVER = 3;
    /** Not logged in, or not permitted. */
    public static final int NOT_PERMITTED = 4;
    /** There is no such thing. */
    public static final int NOT_FOUND = 5;
    /** It conflicts with what is there. */
    public static final int CONFLICT = 6;
    /** What was waited for did not come in time. */
    public static final int TIMED_OUT = 7;

    private final int status;

    public CommandFailedException(String message) {
        this(message, REFUSED);
    }

    public CommandFailedException(String message, int status) {
        super(message);
        this.status = status;
    }

    public CommandFailedException(String message, Throwable cause) {
        this(message, REFUSED, cause);
    }

    public CommandFailedException(String message, int status, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The exit status of the process. */
    public int status() {
        return status;
    }
}
