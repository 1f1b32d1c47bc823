/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.polymq.broker.cluster.GatewayClient;

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

    /** As whom another group of the cluster has let a gateway's client in. Only {@link #vouched} makes it. */
    final class Vouched implements Credentials {
        private final String user;

        private Vouched(String user) {
            this.user = user;
        }

        String user() {
            return user;
        }

        @Override
        public String toString() {
            return "Vouched[" + user + "]";
        }
    }

    /**
     * What a gateway says of the client of its stream, if another group has let it in already. Counts more than all
     * else that the client shows.
     */
    static Optional<Credentials> vouched(Channel channel) {
        return GatewayClient.of(channel).flatMap(GatewayClient::principal).map(Vouched::new);
    }
}
