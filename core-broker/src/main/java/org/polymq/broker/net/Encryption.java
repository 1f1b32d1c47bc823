/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Whether a listener's connections use TLS: they show it with their first byte.
 *
 * @param tls the certificate, if there is one
 * @param plaintext who may connect without TLS
 * @param passedOn whether TLS is another server's affair: what is encrypted goes to the protocols as it is
 */
public record Encryption(Optional<Tls> tls, Plaintext plaintext, boolean passedOn) {
    /** Of connections that end here. */
    public Encryption(Optional<Tls> tls, Plaintext plaintext) {
        this(tls, plaintext, false);
    }

    /** Who may connect without TLS. */
    public enum Plaintext {
        EVERYBODY,
        THIS_MACHINE,
        NOBODY
    }

    /** No certificate: nothing is encrypted. */
    public static final Encryption NONE = new Encryption(Optional.empty(), Plaintext.EVERYBODY);

    /** The same certificate, and TLS only. */
    Encryption required() {
        return new Encryption(tls, Plaintext.NOBODY);
    }

    /** The same rules for connections that are passed on to a server that has the certificate. */
    Encryption passingOn() {
        return new Encryption(Optional.empty(), plaintext, true);
    }

    boolean allowsPlaintext(Channel channel) {
        return switch (plaintext) {
            case EVERYBODY -> true;
            case NOBODY -> false;
            case THIS_MACHINE ->
                channel.remoteAddress() instanceof InetSocketAddress remote
                        && channel.localAddress() instanceof InetSocketAddress local
                        && remote.getAddress().equals(local.getAddress());
        };
    }
}
