/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

/**
 * A bearer token as others may see it: its text was shown once, when it was made.
 *
 * @param id names it for revoking
 * @param user who acts with it
 * @param expiresAt ms since the epoch
 */
public record AccessToken(String id, String user, long expiresAt) {

    /** A new token with its text: the one time that it is shown. */
    public record Created(AccessToken token, String text) {
        /** Says nothing of the text. */
        @Override
        public String toString() {
            return token.toString();
        }
    }
}
