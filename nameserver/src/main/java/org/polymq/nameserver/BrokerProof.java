/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import java.util.Objects;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestSignature;

/** A secret that brokers and their name servers share: what a broker registers is signed with it. Immutable. */
public final class BrokerProof {
    /** Stands where a client's access key would. */
    private static final String NAME = "$broker";

    /** Signs nothing. */
    public static final BrokerProof NONE = new BrokerProof("");

    private final String secret;

    private BrokerProof(String secret) {
        this.secret = secret;
    }

    /** A proof by a secret; an empty one signs nothing. */
    public static BrokerProof of(String secret) {
        return secret.isEmpty() ? NONE : new BrokerProof(secret);
    }

    boolean isNone() {
        return secret.isEmpty();
    }

    ExtFields sign(ExtFields fields, byte[] body) {
        return isNone() ? fields : RequestSignature.sign(fields, body, NAME, secret);
    }

    /** Whether a request was signed with the secret. */
    public boolean proves(RemotingCommand request) {
        return !isNone()
                && Objects.equals(request.fields().get(RequestSignature.ACCESS_KEY), NAME)
                && RequestSignature.verifies(request, secret);
    }

    /** Says nothing of the secret. */
    @Override
    public String toString() {
        return isNone() ? "no proof" : "proof by a secret";
    }
}
