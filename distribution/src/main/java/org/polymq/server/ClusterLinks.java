/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.broker.cluster.Placement;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.connector.ConnectorReports;
import org.polymq.broker.net.PairedChannel;
import org.polymq.replication.transport.NodeTransport;
import org.polymq.replication.transport.StreamCall;

/**
 * The streams of this process's gateways: over the port between nodes, and without a socket where the leader is in this
 * process. Safe from any thread.
 */
public final class ClusterLinks implements GroupLinks, AutoCloseable {
    /** How long a node may take to answer: it is asked again, or another one, within the patience. */
    private static final Duration ANSWER = Duration.ofSeconds(3);
    /** Need not be there: what counts is that somebody knows. */
    private static final String ANY_QUEUE = "any";

    private final Placement placement;
    private final List<LeaderSearch> searches = new ArrayList<>();
    private final List<ChannelGroup> open = new ArrayList<>();
    private final Supplier<List<GroupMember>> members;
    private final StreamCall call;
    private final QueuePlaces queues;
    private final Counter local;
    private final Counter remote;
    private final Counter failed;

    /**
     * To the groups of a cluster.
     *
     * @param config of the process: {@code cluster.groups} and where the nodes are
     * @param transport of connections between nodes; its client channels fit the gateways' event loops
     * @param members the nodes of groups that this process is right now; none in a gateway alone
     */
    ClusterLinks(
            ServerConfig config, NodeTransport transport, Supplier<List<GroupMember>> members, MeterRegistry registry) {
        this.placement = new Placement(config.cluster().groups());
        this.members = members;
        this.call = new StreamCall(transport, config.clusterName(), ANSWER);
        for (int slot = 0; slot < placement.groups().size(); slot++) {
            String group = placement.groups().get(slot);
            searches.add(new LeaderSearch(group, config.ofGroup(slot).cluster().nodes(), () -> member(group)));
            open.add(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE));
        }
        this.queues = new QueuePlaces(placement, this::hasQueue);
        this.local = opened(registry, "local");
        this.remote = opened(registry, "remote");
        this.failed = Counter.builder("polymq.gateway.streams.failed")
                .description("Streams of gateways that no leader took")
                .register(registry);
    }

    private static Counter opened(MeterRegistry registry, String where) {
        return Counter.builder("polymq.gateway.streams.opened")
                .description(
                        "Streams that gateways of this process opened to leaders, in this process or on other nodes")
                .tag("leader", where)
                .register(registry);
    }

    private Optional<GroupMember> member(String group) {
        return members.get().stream().filter(each -> each.group().equals(group)).findFirst();
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
        LinkRequest.Open request = new LinkRequest.Open(speaks, client);
        CompletableFuture<Channel> opened = new CompletableFuture<>();
        searches.get(slot)
                .<Channel>ask(loop, new Opening(slot, request, loop, handler), leaderless)
                .whenComplete((channel, error) -> {
                    if (channel != null) {
                        open.get(slot).add(channel);
                        opened.complete(channel);
                    } else {
                        failed.increment();
                        opened.completeExceptionally(error);
                    }
                });
        return opened;
    }

    /** Asks for a stream. */
    private final class Opening implements LeaderSearch.Question<Channel> {
        private final int slot;
        private final LinkRequest.Open request;
        private final EventLoop loop;
        private final ChannelHandler handler;

        private Opening(int slot, LinkRequest.Open request, EventLoop loop, ChannelHandler handler) {
            this.slot = slot;
            this.request = request;
            this.loop = loop;
            this.handler = handler;
        }

        @Override
        public CompletionStage<LeaderSearch.Heard<Channel>> here(GroupMember member) {
            if (!member.serves(request.speaks())) {
                return CompletableFuture.completedFuture(new LeaderSearch.Heard.Words<>(member.notHere()));
            }
            PairedChannel.Pair pair = PairedChannel.make();
            CompletableFuture<LeaderSearch.Heard<Channel>> heard = new CompletableFuture<>();
            loop.register(pair.near());
            loop.register(pair.far()).addListener(registered -> {
                Optional<LinkReply> refusal = registered.isSuccess()
                        ? member.admit(pair.far(), request)
                        : Optional.of(LinkReply.Plain.NOBODY);
                if (refusal.isPresent()) {
                    pair.near().close();
                    heard.complete(new LeaderSearch.Heard.Words<>(refusal.get()));
                    return;
                }
                member.install(pair.far(), request.speaks());
                pair.near().pipeline().addLast(handler);
                local.increment();
                heard.complete(new LeaderSearch.Heard.Done<>(pair.near()));
            });
            return heard;
        }

        @Override
        public CompletionStage<LeaderSearch.Heard<Channel>> there(String host, int port) {
            return call.ask(host, port, loop, placement.groups().get(slot), request.toBytes(), handler)
                    .thenApply(answer -> {
                        if (answer instanceof StreamCall.Answer.Taken taken) {
                            remote.increment();
                            return new LeaderSearch.Heard.Done<>(taken.channel());
                        }
                        return new LeaderSearch.Heard.Words<>(
                                LinkReply.read(((StreamCall.Answer.Words) answer).bytes()));
                    });
        }
    }

    @Override
    public CompletionStage<Integer> ofQueue(String name, EventLoop loop) {
        CompletableFuture<Integer> place = new CompletableFuture<>();
        queues.find(name, loop).whenComplete((slot, error) -> {
            if (slot != null) {
                place.complete(slot);
            } else {
                place.completeExceptionally(error instanceof CompletionException ? error.getCause() : error);
            }
        });
        return place;
    }

    /**
     * Asks the leader of a group whether it is there. Fails with UNAVAILABLE if none answers. Completes on the loop.
     */
    CompletionStage<?> leader(int slot, EventLoop loop) {
        return hasQueue(slot, ANY_QUEUE, loop);
    }

    private CompletionStage<Boolean> hasQueue(int slot, String name, EventLoop loop) {
        return ask(
                slot,
                new LinkRequest.FindQueue(name),
                loop,
                reply -> reply == LinkReply.Plain.HERE || reply == LinkReply.Plain.NOT_HERE
                        ? Optional.of(reply == LinkReply.Plain.HERE)
                        : Optional.empty());
    }

    /**
     * Asks a group's leader how the connectors that are spread are doing there.
     *
     * @param after only those whose names come behind this
     * @return on the loop; fails with UNAVAILABLE if no leader answered in a few seconds
     */
    CompletionStage<ConnectorReports> connectors(int slot, String after, EventLoop loop) {
        return ask(
                slot,
                new LinkRequest.AskConnectors(after),
                loop,
                reply -> reply instanceof LinkReply.Connectors connectors
                        ? Optional.of(connectors.reports())
                        : Optional.empty());
    }

    /** @param answer what a reply says; empty if it says where else to ask */
    private <T> CompletionStage<T> ask(
            int slot, LinkRequest request, EventLoop loop, Function<LinkReply, Optional<T>> answer) {
        return searches.get(slot).ask(loop, new LeaderSearch.Question<>() {
            @Override
            public CompletionStage<LeaderSearch.Heard<T>> here(GroupMember member) {
                return CompletableFuture.completedFuture(heard(member.answer(request)));
            }

            @Override
            public CompletionStage<LeaderSearch.Heard<T>> there(String host, int port) {
                return call.ask(
                                host,
                                port,
                                loop,
                                placement.groups().get(slot),
                                request.toBytes(),
                                new ChannelInboundHandlerAdapter())
                        .thenApply(said -> {
                            if (said instanceof StreamCall.Answer.Words words) {
                                return heard(LinkReply.read(words.bytes()));
                            }
                            ((StreamCall.Answer.Taken) said).channel().close();
                            throw new IllegalArgumentException("a node gave a stream where it was asked for words");
                        });
            }

            private LeaderSearch.Heard<T> heard(LinkReply reply) {
                return answer.apply(reply)
                        .<LeaderSearch.Heard<T>>map(LeaderSearch.Heard.Done::new)
                        .orElseGet(() -> new LeaderSearch.Heard.Words<>(reply));
            }
        });
    }

    /**
     * A group's leader is gone, or may be: its streams are over, so that clients find the next one sooner than TCP
     * would tell them.
     */
    void leaderLost(String group) {
        int slot = placement.groups().indexOf(group);
        if (slot >= 0) {
            searches.get(slot).forget();
            open.get(slot).close();
        }
    }

    /** How many streams are open to a group. */
    int streams(int slot) {
        return open.get(slot).size();
    }

    /** Ends all streams. Gateways have to be closed before. */
    @Override
    public void close() {
        open.forEach(ChannelGroup::close);
    }
}
