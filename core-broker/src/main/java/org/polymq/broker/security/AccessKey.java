/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

/**
 * An access key of a native client as others may see it: its secret was shown once, when it was made.
 *
 * @param id what the client sends as {@code AccessKey}
 * @param user who acts when a request is signed with it
 * @param createdAt ms since the epoch
 */
public record AccessKey(String id, String user, long createdAt) {

    /** A new key with its secret: the one time that it is shown. */
    public record Created(AccessKey key, String secret) {
        /** Says nothing of the secret. */
        @Override
        public String toString() {
            return key.toString();
        }
    }
}
