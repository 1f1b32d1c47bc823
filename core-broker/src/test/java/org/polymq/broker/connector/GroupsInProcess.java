/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.net.PairedChannel;
import org.polymq.broker.net.Protocol;

/** Groups of a cluster that are brokers in the process of a test, as the connectors of each see the others. */
public final class GroupsInProcess implements AutoCloseable {
    private final List<String> names;
    private final EventLoop loop = new DefaultEventLoop();
    private final Map<Integer, Leader> leaders = new ConcurrentHashMap<>();
    private final Queue<Channel> streams = new ConcurrentLinkedQueue<>();

    private record Leader(Broker broker, ConnectorRunner runner) {}

    public GroupsInProcess(List<String> names) {
        this.names = List.copyOf(names);
    }

    /** From now on this is the leader of a group. */
    public void lead(int slot, Broker broker, ConnectorRunner runner) {
        leaders.put(slot, new Leader(broker, runner));
    }

    /** The group has no leader that the others reach. */
    public void lose(int slot) {
        leaders.remove(slot);
    }

    /** The groups, as the leader of one sees them. */
    public ConnectorGroups seenBy(int slot) {
        return new Seen(slot);
    }

    private final class Seen implements ConnectorGroups {
        private final int slot;

        private Seen(int slot) {
            this.slot = slot;
        }

        @Override
        public List<String> names() {
            return names;
        }

        @Override
        public int slot() {
            return slot;
        }

        @Override
        public Connectors defined() {
            return Objects.requireNonNull(leaders.get(0), "the first group")
                    .broker()
                    .forConnectors()
                    .connectors();
        }

        @Override
        public CompletionStage<ConnectorReports> ask(int asked, String after) {
            Leader leader = leaders.get(asked);
            return leader == null
                    ? away()
                    : CompletableFuture.completedFuture(ConnectorReports.read(
                            ByteBuffer.wrap(leader.runner().reports(after).toBytes())));
        }

        @Override
        public CompletionStage<Channel> openHome(ChannelHandler handler) {
            Leader home = leaders.get(0);
            return home == null ? away() : open(home.runner().streams(), handler);
        }

        private <T> CompletionStage<T> away() {
            return CompletableFuture.failedFuture(new BrokerException(Reason.UNAVAILABLE, "away"));
        }
    }

    /** A stream to who speaks a protocol. */
    CompletionStage<Channel> open(Protocol protocol, ChannelHandler handler) {
        PairedChannel.Pair pair = PairedChannel.make();
        CompletableFuture<Channel> opened = new CompletableFuture<>();
        loop.register(pair.near());
        loop.register(pair.far()).addListener(registered -> {
            protocol.install(pair.far().pipeline());
            pair.near().pipeline().addLast(handler);
            streams.add(pair.near());
            opened.complete(pair.near());
        });
        return opened;
    }

    /** Breaks all streams. */
    public void breakStreams() {
        streams.forEach(Channel::close);
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
