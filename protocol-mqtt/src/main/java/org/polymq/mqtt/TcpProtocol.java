/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import org.polymq.broker.net.Protocol;

/** MQTT over TCP (or TLS, which is below). */
final class TcpProtocol implements Protocol {
    static final String CONNECTION = "mqtt";

    private final Acceptor<?> acceptor;

    TcpProtocol(Acceptor<?> acceptor) {
        this.acceptor = acceptor;
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public int prefixLength() {
        return 1;
    }

    /** CONNECT comes first; its flags are judged with the rest of it. */
    @Override
    public boolean accepts(ByteBuf firstBytes) {
        return firstBytes.getUnsignedByte(firstBytes.readerIndex()) >> 4 == 1;
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        setWaterMark(pipeline, acceptor.config());
        pipeline.addLast(CONNECTION, acceptor.connections().get());
    }

    static void setWaterMark(ChannelPipeline pipeline, MqttConfig config) {
        int high = config.maxUnsent();
        pipeline.channel()
                .config()
                .setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / 2, high));
    }

    @Override
    public boolean handshakes() {
        return true;
    }

    @Override
    public void stop(Channel channel) {
        stopConnection(channel);
    }

    static void stopConnection(Channel channel) {
        if (channel.pipeline().get(CONNECTION) instanceof Acceptor.Served connection) {
            connection.stop();
        } else {
            channel.close();
        }
    }
}
