/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.rocketmq;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/**
 * For a client that does not say whom it connects to when it asks for a handler: the handler learns it from the
 * connection's address and makes way for one that checks it.
 */
final class HostCheckingSslContext extends SslContext {
    private final SslContext checking;

    /** @param checking what checks the host it is told */
    HostCheckingSslContext(SslContext checking) {
        this.checking = checking;
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator allocator, boolean startTls) {
        return new UntilConnect(checking.newEngine(allocator), startTls);
    }

    private final class UntilConnect extends SslHandler {
        UntilConnect(SSLEngine unused, boolean startTls) {
            super(unused, startTls);
        }

        @Override
        public void connect(
                ChannelHandlerContext context, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            InetSocketAddress address = (InetSocketAddress) remote;
            context.pipeline()
                    .replace(
                            this,
                            context.name(),
                            checking.newHandler(context.alloc(), address.getHostString(), address.getPort()));
            var unused = context.connect(remote, local, promise);
        }
    }

    @Override
    public boolean isClient() {
        return checking.isClient();
    }

    @Override
    public List<String> cipherSuites() {
        return checking.cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // Netty asks for it, and lets nobody else use it.
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return checking.applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return checking.newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        return checking.newEngine(allocator, host, port);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return checking.sessionContext();
    }
}
