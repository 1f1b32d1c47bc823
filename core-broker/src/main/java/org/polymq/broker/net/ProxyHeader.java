/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the PROXY protocol header with which a trusted proxy's connection has to begin, and then leaves the pipeline.
 * Confined to its connection's event loop.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    /** Told once where the client is, or that there is no header. */
    interface Outcome {
        /** @param client null if the proxy speaks for itself, as it does to see whether the broker lives */
        void client(ChannelHandlerContext context, @Nullable InetSocketAddress client);

        void bad(ChannelHandlerContext context, String reason);
    }

    private final Outcome outcome;
    private boolean done;

    ProxyHeader(Outcome outcome) {
        this.outcome = outcome;
    }

    /** Adds what reads the header's bytes before this handler. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.pipeline().addBefore(context.name(), context.name() + "-bytes", new Beginning());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (!(message instanceof HAProxyMessage header)) {
            super.channelRead(context, message);
            return;
        }
        done = true;
        InetSocketAddress client;
        try {
            client = client(header);
        } catch (UnknownHostException | IllegalArgumentException wrong) {
            outcome.bad(context, "the PROXY header names no address: " + header.sourceAddress());
            return;
        } finally {
            header.release();
        }
        outcome.client(context, client);
        context.pipeline().remove(this);
    }

    private static @Nullable InetSocketAddress client(HAProxyMessage header) throws UnknownHostException {
        boolean internet = switch (header.proxiedProtocol()) {
            case TCP4, TCP6 -> true;
            default -> false;
        };
        if (header.command() == HAProxyCommand.LOCAL || !internet || header.sourceAddress() == null) {
            return null;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(header.sourceAddress());
        return new InetSocketAddress(InetAddress.getByAddress(address), header.sourcePort());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof DecoderException && !done) {
            done = true;
            outcome.bad(context, "no PROXY protocol header: " + cause.getMessage());
        } else {
            context.fireExceptionCaught(cause);
        }
    }

    /** Refuses at the first bytes that no header can have, where Netty's decoder would wait for a line's end. */
    private static final class Beginning extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            switch (HAProxyMessageDecoder.detectProtocol(in).state()) {
                case NEEDS_MORE_DATA -> {}
                case DETECTED -> {
                    context.pipeline()
                            .addAfter(context.name(), context.name() + "-header", new HAProxyMessageDecoder())
                            .remove(this);
                }
                case INVALID -> {
                    in.skipBytes(in.readableBytes());
                    throw new DecoderException("the connection begins with something else");
                }
            }
        }
    }
}
