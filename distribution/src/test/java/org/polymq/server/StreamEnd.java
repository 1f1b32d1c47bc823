/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;

/** A gateway's end of one stream that speaks MQTT 3.1.1 by hand. */
final class StreamEnd extends ChannelInboundHandlerAdapter {
    static final GatewayClient CLIENT =
            new GatewayClient(new InetSocketAddress("198.51.100.7", 4711), false, Optional.empty(), Optional.empty());

    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private @Nullable Channel channel;

    static StreamEnd open(GroupsOfNodes cluster, GroupLinks links, int slot, GatewayClient client)
            throws InterruptedException, ExecutionException, TimeoutException {
        StreamEnd end = new StreamEnd();
        end.channel = links.open(
                        slot,
                        GroupLinks.Speaks.MQTT,
                        client,
                        cluster.transport().workers().next(),
                        end)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        return end;
    }

    @Override
    public synchronized void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        while (bytes.isReadable()) {
            read.write(bytes.readByte());
        }
        bytes.release();
    }

    Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not open");
        }
        return channel;
    }

    /** What came so far, hexadecimal. */
    synchronized String read() {
        return HexFormat.of().formatHex(read.toByteArray());
    }

    void write(byte[] bytes) {
        channel().writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    /** CONNECT of MQTT 3.1.1, with a clean session. */
    static byte[] connect(String clientId, @Nullable String user, @Nullable String password) {
        ByteBuf body = Unpooled.buffer();
        string(body, "MQTT");
        body.writeByte(4)
                .writeByte(0x02 | (user == null ? 0 : 0x80) | (password == null ? 0 : 0x40))
                .writeShort(60);
        string(body, clientId);
        if (user != null) {
            string(body, user);
        }
        if (password != null) {
            string(body, password);
        }
        return packet(0x10, body);
    }

    /** PUBLISH with QoS 0. */
    static byte[] publish(String topic, String text) {
        ByteBuf body = Unpooled.buffer();
        string(body, topic);
        body.writeBytes(text.getBytes(ISO_8859_1));
        return packet(0x30, body);
    }

    /** SUBSCRIBE with QoS 0. */
    static byte[] subscribe(int packetId, String filter) {
        ByteBuf body = Unpooled.buffer().writeShort(packetId);
        string(body, filter);
        return packet(0x82, body.writeByte(0));
    }

    private static void string(ByteBuf out, String text) {
        out.writeShort(text.length()).writeBytes(text.getBytes(ISO_8859_1));
    }

    private static byte[] packet(int firstByte, ByteBuf body) {
        ByteBuf out = Unpooled.buffer().writeByte(firstByte);
        int rest = body.readableBytes();
        while (rest > 0x7f) {
            out.writeByte((rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        out.writeByte(rest).writeBytes(body);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }
}
