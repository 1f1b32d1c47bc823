/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.polymq.broker.net.Tls;
import org.polymq.broker.security.Credentials;
import org.polymq.mqtt.wire.Connect;

/**
 * What a CONNECT shows of who its client is: what its gateway says, else a user name, else a client certificate, else
 * nothing.
 */
final class Login {
    private Login() {}

    static Credentials credentials(Connect connect, Channel channel) {
        Optional<Credentials> vouched = Credentials.vouched(channel);
        if (vouched.isPresent()) {
            return vouched.get();
        }
        String user = connect.userName();
        if (user != null) {
            ByteBuffer password = connect.password();
            String text =
                    password == null ? "" : UTF_8.decode(password.duplicate()).toString();
            return new Credentials.Password(user, text);
        }
        return Tls.clientCertificate(channel)
                .<Credentials>map(Credentials.Certificate::new)
                .orElseGet(Credentials.Anonymous::new);
    }
}
