/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

/** The remote cannot be reached, or does not let us work now: try again later, with a new connection. */
public final class RemoteDownException extends Exception {
    private static final long serialVersionUID = 1L;

    public RemoteDownException(String message) {
        super(message);
    }

    public RemoteDownException(String message, Throwable cause) {
        super(message + ": " + reason(cause), cause);
    }

    private static String reason(Throwable cause) {
        String said = cause.getMessage();
        return said == null
                ? cause.getClass().getSimpleName()
                : said.lines().findFirst().orElse("");
    }
}
