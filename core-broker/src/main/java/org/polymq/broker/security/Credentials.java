/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a client shows to prove who it is. SCRAM takes several steps: see {@link ScramExchange}. */
public sealed interface Credentials {
    /** Nothing: allowed only if {@code security.anonymous-user} names a user. */
    record Anonymous() implements Credentials {}

    /** A user's name and password. */
    record Password(String user, String password) implements Credentials {
        /** Says nothing of the password. */
        @Override
        public String toString() {
            return "Password[" + user + "]";
        }
    }

    /**
     * The signature of one native request (RocketMQ's {@code AclClientRPCHook}).
     *
     * @param accessKey the field AccessKey
     * @param signature the field Signature: Base64 of HMAC-SHA1
     * @param signed what was signed, in order: the values of all ext fields but Signature, sorted by their keys, as
     *     UTF-8, then the body. Read, not kept.
     */
    record Signature(String accessKey, String signature, List<ByteBuffer> signed) implements Credentials {
        /** Says nothing of the signature. */
        @Override
        public String toString() {
            return "Signature[" + accessKey + "]";
        }
    }

    /** A client certificate that the TLS handshake has verified. */
    record Certificate(X509Certificate certificate) implements Credentials {}

    /** A bearer token. */
    record Bearer(String token) implements Credentials {
        /** Says nothing of the token. */
        @Override
        public String toString() {
            return "Bearer";
        }
    }
}
