/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What connections between nodes are made of.
 *
 * @param cluster only nodes of the same cluster are let in; up to 255 bytes
 * @param acceptor event loops that accept connections
 * @param workers event loops of the connections
 * @param serverChannel fits the event loops
 * @param clientChannel fits the event loops
 * @param keepAlive options of all connections by which the operating system finds out that the other side is gone
 * @param tls both sides of mutual TLS, or empty for plain connections
 * @param largestFrame bytes; above the largest entry
 */
public record NodeTransport(
        String cluster,
        EventLoopGroup acceptor,
        EventLoopGroup workers,
        Class<? extends ServerChannel> serverChannel,
        Class<? extends SocketChannel> clientChannel,
        Map<ChannelOption<Integer>, Integer> keepAlive,
        Optional<TlsContexts> tls,
        int largestFrame) {
    public NodeTransport {
        keepAlive = Map.copyOf(keepAlive);
        int length = cluster.getBytes(UTF_8).length;
        if (length == 0 || length > 255) {
            throw new IllegalArgumentException("a cluster name of " + length + " bytes is not between 1 and 255");
        }
    }

    /**
     * Both sides of mutual TLS.
     *
     * @param server must require a client's certificate
     */
    public record TlsContexts(SslContext server, SslContext client) {
        /**
         * TLS 1.3 in which both sides prove who they are, the called one also that the certificate is of its address.
         *
         * @param certificate PEM, this node's
         * @param key PEM, PKCS#8, of that certificate
         * @param authorities PEM, who may have signed the other nodes' certificates
         * @throws IOException if the files cannot be used together
         */
        public static TlsContexts of(Path certificate, Path key, Path authorities) throws IOException {
            try {
                SslContext server = SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                        .sslProvider(SslProvider.JDK)
                        .trustManager(authorities.toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .protocols("TLSv1.3")
                        .build();
                SslContext client = SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .keyManager(certificate.toFile(), key.toFile())
                        .trustManager(authorities.toFile())
                        .endpointIdentificationAlgorithm("HTTPS")
                        .protocols("TLSv1.3")
                        .build();
                return new TlsContexts(server, client);
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "the certificate " + certificate + ", its key and the authorities " + authorities
                                + " cannot be used: " + e.getMessage(),
                        e);
            }
        }
    }
}
