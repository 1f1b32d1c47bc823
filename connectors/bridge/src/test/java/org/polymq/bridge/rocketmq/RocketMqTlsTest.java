/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.bridge.remote.RemoteTls;
import org.polymq.broker.net.TestCertificates;

/** The context that RocketMQ's client is given, in a pipeline as that client makes one. */
class RocketMqTlsTest {
    @TempDir
    Path directory;

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventExecutorGroup executors = new DefaultEventExecutorGroup(1);
    private TestCertificates.Made server;
    private TestCertificates.Made client;
    private int port;

    /** Its certificate is of localhost and 127.0.0.1, and it wants one. */
    @BeforeEach
    void listen() throws Exception {
        server = TestCertificates.make(directory, "server", "CN=localhost");
        client = TestCertificates.make(directory, "client", "CN=bridge");
        SslContext context = SslContextBuilder.forServer(
                        server.certificate().toFile(), server.key().toFile())
                .trustManager(client.certificate().toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build();
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline().addLast(context.newHandler(accepted.alloc()));
                    }
                })
                .bind(new InetSocketAddress("0.0.0.0", 0))
                .sync()
                .channel();
        port = ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @AfterEach
    void stop() throws InterruptedException {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        executors.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private RemoteTls trusting(TestCertificates.Made authority) throws Exception {
        return new RemoteTls(
                true,
                Files.readString(authority.certificate()),
                Files.readString(client.certificate()),
                Files.readString(client.key()));
    }

    private String handshake(SslContext context, String host) throws Exception {
        Channel channel = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    @SuppressWarnings("deprecation") // as RocketMQ's client does it
                    protected void initChannel(Channel made) {
                        made.pipeline().addFirst(executors, "sslHandler", context.newHandler(made.alloc()));
                    }
                })
                .connect(host, port)
                .sync()
                .channel();
        try {
            SslHandler encryption = channel.pipeline().get(SslHandler.class);
            encryption.handshakeFuture().sync();
            return encryption.engine().getSession().getPeerPrincipal().getName();
        } finally {
            channel.close().sync();
        }
    }

    @Test
    void aCertificateOfTheHostIsTaken() throws Exception {
        SslContext context = RocketMqTls.context(trusting(server), true);

        assertThat(handshake(context, "localhost")).isEqualTo("CN=localhost");
        assertThat(handshake(context, "127.0.0.1")).isEqualTo("CN=localhost");
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() throws Exception {
        SslContext context = RocketMqTls.context(trusting(server), true);

        assertThatThrownBy(() -> handshake(context, "127.0.0.2"))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("127.0.0.2");
    }

    @Test
    void withoutTheCheckOfHostsTheAuthorityStillCounts() throws Exception {
        assertThat(handshake(RocketMqTls.context(trusting(server), false), "127.0.0.2"))
                .isEqualTo("CN=localhost");

        SslContext other = RocketMqTls.context(trusting(client), false);
        assertThatThrownBy(() -> handshake(other, "127.0.0.2"))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("certification path");
    }
}
