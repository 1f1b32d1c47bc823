/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

/** The broker answered that it did not take the message. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** With the client's own exception. */
    public RefusedException(String answer, Throwable cause) {
        super(answer, cause);
    }
}
