/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.broker.cluster.Placement;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Protocol;

/** The groups of a cluster within one process: each is one broker, and streams to it are loopback connections. */
final class TestGroups implements GroupLinks {
    private final Placement placement;
    private final List<Listener> leaders = new ArrayList<>();
    private final List<Queue<Channel>> streams = new ArrayList<>();
    /** Clients by the port that their stream comes from. */
    private final Map<Integer, GatewayClient> clients = new ConcurrentHashMap<>();
    /** Slots of groups without a leader. */
    private final Map<Integer, CompletableFuture<Void>> stopped = new ConcurrentHashMap<>();

    TestGroups(Listeners listeners, List<MqttBroker> brokers) throws IOException {
        List<String> names = new ArrayList<>();
        for (MqttBroker each : brokers) {
            names.add("group-" + names.size());
            Queue<Channel> taken = new ConcurrentLinkedQueue<>();
            streams.add(taken);
            leaders.add(listeners.bind(
                    "streams-" + names.size(),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    new Streams(each.tcp(), taken)));
        }
        placement = new Placement(names);
    }

    /** The leader of a group is gone, with all its streams; another one is there at once. */
    void lose(int slot) {
        streams.get(slot).forEach(Channel::close);
    }

    /** A group has no leader, which ends no stream. */
    void stop(int slot) {
        stopped.put(slot, new CompletableFuture<>());
    }

    /** It has one again. */
    void resume(int slot) {
        Objects.requireNonNull(stopped.remove(slot), "it has a leader").complete(null);
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
        CompletableFuture<Void> leader = stopped.get(slot);
        if (leader == null) {
            return open(slot, client, loop, handler);
        }
        loop.execute(leaderless);
        return leader.thenComposeAsync(there -> open(slot, client, loop, handler), loop);
    }

    private CompletionStage<Channel> open(int slot, GatewayClient client, EventLoop loop, ChannelHandler handler) {
        CompletableFuture<Channel> opened = new CompletableFuture<>();
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel created) {
                        // The handler comes when the stream is taken.
                    }
                })
                .register()
                .channel();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        channel.bind(any).addListener(bound -> {
            int port = ((InetSocketAddress) channel.localAddress()).getPort();
            clients.put(port, client);
            InetSocketAddress leader = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), leaders.get(slot).port());
            channel.connect(leader).addListener((ChannelFuture connected) -> {
                if (connected.isSuccess()) {
                    channel.pipeline().addLast(handler);
                    opened.complete(channel);
                } else {
                    opened.completeExceptionally(
                            new BrokerException(Reason.UNAVAILABLE, "group " + slot + " has no leader"));
                }
            });
        });
        return opened;
    }

    @Override
    public CompletionStage<Integer> ofQueue(String name, EventLoop loop) {
        return CompletableFuture.completedFuture(placement.ofPath(name));
    }

    /** Tells the protocol who is behind a stream. */
    private final class Streams implements Protocol {
        private final Protocol protocol;
        private final Queue<Channel> taken;

        private Streams(Protocol protocol, Queue<Channel> taken) {
            this.protocol = protocol;
            this.taken = taken;
        }

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
        public void install(ChannelPipeline pipeline) {
            Channel channel = pipeline.channel();
            GatewayClient client = clients.remove(((InetSocketAddress) channel.remoteAddress()).getPort());
            if (client == null) {
                throw new IllegalStateException("a stream of nobody");
            }
            client.say(channel);
            taken.add(channel);
            protocol.install(pipeline);
        }

        @Override
        public boolean handshakes() {
            return protocol.handshakes();
        }

        @Override
        public void stop(Channel channel) {
            protocol.stop(channel);
        }
    }
}
