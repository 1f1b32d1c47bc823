/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.security.Credentials;
import org.polymq.mqtt.wire.Connect;

/** What a CONNECT shows of who its client is: a user name, else a client certificate, else nothing. */
public final class Login {
    private Login() {}

    static Credentials credentials(Connect connect, Channel channel) {
        String user = connect.userName();
        if (user != null) {
            ByteBuffer password = connect.password();
            String text =
                    password == null ? "" : UTF_8.decode(password.duplicate()).toString();
            return new Credentials.Password(user, text);
        }
        X509Certificate certificate = certificate(channel);
        return certificate == null ? new Credentials.Anonymous() : new Credentials.Certificate(certificate);
    }

    /** The certificate that the client of a TLS connection has shown; null if it has shown none. */
    public static @Nullable X509Certificate certificate(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return null;
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate first ? first : null;
        } catch (SSLPeerUnverifiedException none) {
            return null; // the client has shown none, and need not
        }
    }
}
