/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import org.polymq.broker.net.Protocol;

/** MQTT over WebSocket: MQTT 5, 6. A packet may span frames and a frame may hold many packets. */
final class WebSocketProtocol implements Protocol {
    private static final String PATH = "/mqtt";
    private static final String SUBPROTOCOLS = "mqtt,mqttv3.1";
    private static final int MAX_REQUEST = 16 * 1024;
    private static final int MIN_MAX_FRAME = 1 << 20;
    private static final byte[] GET = {'G', 'E', 'T', ' '};

    private final Acceptor<?> acceptor;

    WebSocketProtocol(Acceptor<?> acceptor) {
        this.acceptor = acceptor;
    }

    @Override
    public String name() {
        return "mqtt-websocket";
    }

    @Override
    public int prefixLength() {
        return GET.length;
    }

    @Override
    public boolean accepts(ByteBuf firstBytes) {
        for (int i = 0; i < GET.length; i++) {
            if (firstBytes.getByte(firstBytes.readerIndex() + i) != GET[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        TcpProtocol.setWaterMark(pipeline, acceptor.config());
        WebSocketServerProtocolConfig config = WebSocketServerProtocolConfig.newBuilder()
                .websocketPath(PATH)
                .checkStartsWith(false)
                .subprotocols(SUBPROTOCOLS)
                .handshakeTimeoutMillis(10_000)
                .handleCloseFrames(true)
                .decoderConfig(WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(Math.max(
                                MIN_MAX_FRAME, acceptor.config().decoder().maxPacketSize()))
                        .build())
                .build();
        pipeline.addLast("http", new HttpServerCodec())
                .addLast("http-request", new HttpObjectAggregator(MAX_REQUEST))
                .addLast("origin", new OriginCheck(acceptor.config().offers().origins(), acceptor.foreignOrigin()))
                .addLast("websocket", new WebSocketServerProtocolHandler(config))
                .addLast("websocket-frames", new WebSocketFrames(acceptor.badInput()))
                .addLast("websocket-start", new Start());
    }

    @Override
    public boolean handshakes() {
        return true;
    }

    @Override
    public void stop(Channel channel) {
        TcpProtocol.stopConnection(channel);
    }

    /** Adds the MQTT connection when the handshake is done: it speaks only then. */
    private final class Start extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                context.pipeline()
                        .addAfter(
                                context.name(),
                                TcpProtocol.CONNECTION,
                                acceptor.connections().get());
                context.pipeline().remove(this);
                return;
            }
            super.userEventTriggered(context, event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            acceptor.badInput().close(context.channel(), "mqtt-websocket", String.valueOf(cause.getMessage()));
        }
    }
}
