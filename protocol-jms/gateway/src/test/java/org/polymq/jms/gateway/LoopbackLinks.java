/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntFunction;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.broker.cluster.Placement;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.jms.wire.FrameDecoder;

/** Streams to brokers of this process, over loopback connections that can be cut. Safe from any thread. */
final class LoopbackLinks implements GroupLinks {
    private final Placement placement;
    private final IntFunction<Group> groups;
    private final Map<SocketAddress, GatewayClient> said = new ConcurrentHashMap<>();
    private final Queue<Cuttable> streams = new ConcurrentLinkedQueue<>();

    private final TransactionFaults faults = new TransactionFaults();

    /** A group as a stream finds it. */
    record Group(Broker broker, int port) {}

    private record Cuttable(int slot, Channel channel) {}

    /** @param groups by slot; null while a group has no leader */
    LoopbackLinks(Placement placement, IntFunction<Group> groups) {
        this.placement = placement;
        this.groups = groups;
    }

    @Override
    public Placement placement() {
        return placement;
    }

    @Override
    public CompletionStage<Channel> open(
            int slot,
            Speaks speaks,
            GatewayClient client,
            EventLoop loop,
            ChannelHandler handler,
            Runnable leaderless) {
        CompletableFuture<Channel> opened = new CompletableFuture<>();
        Group group = groups.apply(slot);
        if (group == null) {
            loop.execute(() -> opened.completeExceptionally(
                    new BrokerException(Reason.UNAVAILABLE, "group " + slot + " has no leader")));
            return opened;
        }
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), group.port()));
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                opened.completeExceptionally(
                        new BrokerException(Reason.UNAVAILABLE, "group " + slot + ": " + done.cause()));
                return;
            }
            Channel channel = connecting.channel();
            said.put(channel.localAddress(), client);
            streams.add(new Cuttable(slot, channel));
            channel.pipeline().addLast(handler);
            opened.complete(channel);
        });
        return opened;
    }

    @Override
    public CompletionStage<Integer> ofQueue(String name, EventLoop loop) {
        CompletableFuture<Integer> found = new CompletableFuture<>();
        loop.execute(() -> {
            for (int slot = 0; slot < placement.groups().size(); slot++) {
                Group group = groups.apply(slot);
                Topic topic = group == null ? null : group.broker().topics().get(name);
                if (topic != null && topic.kind() == TopicKind.QUEUE) {
                    found.complete(slot);
                    return;
                }
            }
            found.complete(placement.ofPath(name));
        });
        return found;
    }

    TransactionFaults faults() {
        return faults;
    }

    /** Ends all streams to a group. */
    void cut(int slot) {
        streams.stream()
                .filter(each -> each.slot() == slot)
                .forEach(each -> each.channel().close());
    }

    /** What a group's listener serves streams with: the protocol, told of the client behind each. */
    Protocol taking(int slot, Protocol protocol) {
        return new Protocol() {
            @Override
            public String name() {
                return protocol.name();
            }

            @Override
            public int prefixLength() {
                return protocol.prefixLength();
            }

            @Override
            public boolean accepts(ByteBuf firstBytes) {
                return protocol.accepts(firstBytes);
            }

            @Override
            public boolean handshakes() {
                return protocol.handshakes();
            }

            @Override
            public void install(ChannelPipeline pipeline) {
                GatewayClient client = said.remove(pipeline.channel().remoteAddress());
                if (client == null) {
                    throw new IllegalStateException("no stream of a gateway");
                }
                client.say(pipeline.channel());
                protocol.install(pipeline);
                pipeline.addAfter(pipeline.context(FrameDecoder.class).name(), "faults", faults.on(slot));
            }
        };
    }

    static List<String> names(int groups) {
        return List.of("a", "b", "c", "d", "e").subList(0, groups);
    }
}
