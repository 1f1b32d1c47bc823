/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import java.io.IOException;

/** Why a command was not done, in words for the one who typed it. */
public final class CommandFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    public CommandFailedException(String message) {
        super(message);
    }

    public CommandFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
