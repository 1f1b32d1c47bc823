/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One persistent session of MQTT 3.1.1 that subscribes to a topic of its own at QoS 1 and connects again whenever its
 * connection is lost, to the next of several servers. As little of a client as that takes, since thousands of them run
 * beside the servers. Its state belongs to its connection's event loop; what it has received may be asked for anywhere.
 */
final class SessionClient {
    private static final int CONNECT_MILLIS = 3_000;
    /** Clients that lose their connections at one moment must not come back at one moment. */
    private static final int LEAST_PAUSE_MILLIS = 100;

    private static final int MOST_PAUSE_MILLIS = 1_000;

    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int SUBACK = 9;

    private final Bootstrap bootstrap;
    private final List<InetSocketAddress> servers;
    private final int number;
    private final BitSet received = new BitSet(); // guarded by itself
    private int next;
    private volatile boolean connected;
    private volatile boolean subscribed;
    private volatile boolean forgotten;
    private volatile boolean stopped;
    private volatile @Nullable Channel channel;

    /** @param first where in {@code servers} it begins, counted round */
    SessionClient(Bootstrap bootstrap, List<InetSocketAddress> servers, int first, int number) {
        this.bootstrap = bootstrap.clone().option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS);
        this.servers = servers;
        this.number = number;
        this.next = first;
    }

    static String topic(int number) {
        return "sessions/" + number;
    }

    /** Connects, and subscribes the first time. */
    void connect() {
        if (stopped) {
            return;
        }
        InetSocketAddress server = servers.get(Math.floorMod(next++, servers.size()));
        ChannelFuture connecting = bootstrap.clone().handler(new Frames()).connect(server);
        connecting.addListener((ChannelFuture done) -> {
            if (!done.isSuccess()) {
                later(done.channel());
            }
        });
    }

    private void later(Channel lost) {
        connected = false;
        if (!stopped) {
            lost.eventLoop()
                    .schedule(
                            this::connect,
                            ThreadLocalRandom.current().nextInt(LEAST_PAUSE_MILLIS, MOST_PAUSE_MILLIS),
                            TimeUnit.MILLISECONDS);
        }
    }

    /** Whether the server has answered its last connection, and holds its subscription. */
    boolean isServed() {
        return connected && subscribed;
    }

    /** Whether a server once had no session of it although it should. */
    boolean wasForgotten() {
        return forgotten;
    }

    /** Whether it has a message. */
    boolean has(int message) {
        synchronized (received) {
            return received.get(message);
        }
    }

    /** Goes away without a word, and stays away. */
    void stop() {
        stopped = true;
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    private final class Frames extends ByteToMessageDecoder {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            byte[] id = ("session-" + number).getBytes(StandardCharsets.US_ASCII);
            ByteBuf out = context.alloc().buffer();
            out.writeByte(0x10).writeByte(12 + id.length);
            out.writeShort(4)
                    .writeBytes("MQTT".getBytes(StandardCharsets.US_ASCII))
                    .writeByte(4);
            out.writeByte(0).writeShort(0).writeShort(id.length).writeBytes(id); // neither clean nor kept alive
            context.writeAndFlush(out, context.voidPromise());
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            if (in.readableBytes() < 2) {
                return;
            }
            int length = 0;
            int at = in.readerIndex() + 1;
            for (int shift = 0; ; shift += 7) {
                if (at == in.writerIndex()) {
                    return;
                }
                int more = in.getByte(at++);
                length |= (more & 0x7f) << shift;
                if (more >= 0) {
                    break;
                }
            }
            if (in.writerIndex() - at < length) {
                return;
            }
            int type = in.getByte(in.readerIndex()) >> 4 & 0xf;
            take(context, type, in.slice(at, length));
            in.readerIndex(at + length);
        }

        private void take(ChannelHandlerContext context, int type, ByteBuf body) {
            switch (type) {
                case CONNACK -> connected(context, body.readByte() == 1, body.readByte());
                case SUBACK -> subscribed = body.getByte(2) == 1;
                case PUBLISH -> {
                    body.skipBytes(body.readUnsignedShort());
                    int packet = body.readUnsignedShort();
                    synchronized (received) {
                        received.set(body.readInt());
                    }
                    context.writeAndFlush(
                            context.alloc().buffer().writeShort(0x4002).writeShort(packet), context.voidPromise());
                }
                default -> {
                    // Nothing else matters here.
                }
            }
        }

        private void connected(ChannelHandlerContext context, boolean present, int code) {
            if (code != 0) {
                context.close(); // there is no leader yet
                return;
            }
            connected = true;
            if (subscribed && !present) {
                forgotten = true;
            }
            if (!subscribed) {
                byte[] filter = topic(number).getBytes(StandardCharsets.US_ASCII);
                ByteBuf out = context.alloc().buffer();
                out.writeByte(0x82).writeByte(5 + filter.length).writeShort(1);
                out.writeShort(filter.length).writeBytes(filter).writeByte(1);
                context.writeAndFlush(out, context.voidPromise());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            later(context.channel());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
