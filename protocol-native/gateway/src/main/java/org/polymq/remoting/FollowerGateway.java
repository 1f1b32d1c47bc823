/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.Broker;
import org.polymq.broker.message.MessageIds;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.RequestRate;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;

/**
 * Serves RocketMQ consumers on a node that follows, from what it has applied: so nothing that was not committed is ever
 * seen. It stores nothing; what would have to be stored, and what needs to be known exactly, is the leader's. Safe from
 * any thread.
 */
public final class FollowerGateway implements AutoCloseable {
    private static final long SWEEP_MILLIS = 5_000;

    /** All clients have said who they are within this time: they do every 30 s. */
    private static final Duration ALL_HEARD = Duration.ofSeconds(35);

    /** What clients tell each node of a group, and each node answers for itself. */
    private static final Set<Integer> TOLD_TO_EACH =
            Set.of(RequestCode.HEART_BEAT, RequestCode.UNREGISTER_CLIENT, RequestCode.CHECK_CLIENT_CONFIG);

    /** What a consumer needs to go on reading. */
    private static final Set<Integer> READS = Set.of(
            RequestCode.PULL_MESSAGE,
            RequestCode.LITE_PULL_MESSAGE,
            RequestCode.QUERY_CONSUMER_OFFSET,
            RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
            RequestCode.GET_MAX_OFFSET,
            RequestCode.GET_MIN_OFFSET,
            RequestCode.GET_EARLIEST_MSG_STORETIME,
            RequestCode.GET_CONSUMER_LIST_BY_GROUP,
            RequestCode.VIEW_MESSAGE_BY_ID,
            RequestCode.QUERY_MESSAGE);

    private final ConsumerGroups members = new ConsumerGroups();
    private final Producers producers = new Producers();
    private final OffsetResets resets = new OffsetResets(FollowerGateway::steadyMillis);
    private final long openedAt = steadyMillis();
    private final NativeConfig config;
    private final LiveSettings settings;
    private final FollowerPull pull;
    private final NativeConnection.Shared shared;
    private final Future<?> sweep;

    /**
     * Of a node that follows.
     *
     * @param broker over what the node has applied; not started
     * @param timer runs the sweep of clients that are gone
     */
    public FollowerGateway(
            Broker broker,
            NativeConfig config,
            InstantSource clock,
            MeterRegistry registry,
            EventExecutor timer,
            Replica replica) {
        this.config = config;
        this.settings = new LiveSettings(broker.changedSettings(), config);
        MessageIds ids = new MessageIds(
                InetAddress.getLoopbackAddress().getAddress(),
                ProcessHandle.current().pid(),
                ThreadLocalRandom.current().nextInt(),
                clock);
        NativeTopicNames names = new NativeTopicNames();
        NativeFilters filters = new NativeFilters();
        PopGroups nobodyPops = new PopGroups(
                new PopContext(
                        broker,
                        names,
                        ids,
                        clock,
                        config.clusterName(),
                        config.maxDeliverSize(),
                        PullReader.skipped(registry)),
                timer);
        ReadHandlers reading = new ReadHandlers(
                broker,
                config,
                names,
                filters,
                members,
                nobodyPops,
                resets,
                settings,
                new NativeStats(broker.published(), broker.timers(), clock),
                clock,
                registry,
                replica);
        this.pull = new FollowerPull(broker.topics(), broker.groups(), broker.queues(), members, names, reading.pull());
        Map<Integer, RequestHandler> handlers = new HashMap<>();
        reading.addTo(handlers);
        handlers.put(RequestCode.PULL_MESSAGE, pull);
        handlers.put(RequestCode.LITE_PULL_MESSAGE, pull);
        new ClientHandlers(
                        (consumer, from) -> {},
                        members,
                        producers,
                        new QueueLocks(config.lockTime()),
                        filters,
                        broker.clients(),
                        config.limits(),
                        FollowerGateway::steadyMillis)
                .addTo(handlers);
        handlers.keySet().removeIf(code -> !READS.contains(code) && !TOLD_TO_EACH.contains(code));
        AccessRules rules = new AccessRules(
                broker.topics(),
                broker.messages(),
                broker.halfMessages(),
                names,
                broker.security().audit());
        this.shared = new NativeConnection.Shared(
                new HandlerTable(handlers, rules),
                rules,
                broker.security(),
                config.clusterName(),
                config.advertise(),
                ids,
                new BadInput(registry),
                new RequestRate(config.limits().requestRate(), NativeProtocol.NAME, registry),
                this::connectionClosed);
        this.sweep = timer.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Adds what serves a connection's requests of which {@link #serves} says so; they have to come as
     * {@link RemotingCommand}.
     *
     * @param below by how much the listener's port is less than the one that is advertised
     */
    public void install(ChannelPipeline pipeline, int below) {
        pipeline.addLast(new NativeConnection(pipeline.channel(), shared, below));
    }

    /**
     * Whether this node serves a request itself.
     *
     * @param led whether a leader is known, who would serve it too: then only what this node certainly has
     */
    public boolean serves(RemotingCommand request, boolean led) {
        if (request.isResponse()) {
            return false;
        }
        if (TOLD_TO_EACH.contains(request.code())) {
            return true;
        }
        return led ? isPull(request) && pull.has(request) : READS.contains(request.code()) && isKnown(request);
    }

    private static boolean isPull(RemotingCommand request) {
        return request.code() == RequestCode.PULL_MESSAGE || request.code() == RequestCode.LITE_PULL_MESSAGE;
    }

    /** Who is in a group is not to be said before all had time to say so: they would share its queues wrongly. */
    private boolean isKnown(RemotingCommand request) {
        return request.code() != RequestCode.GET_CONSUMER_LIST_BY_GROUP
                || steadyMillis() - openedAt >= ALL_HEARD.toMillis();
    }

    private void connectionClosed(NativeConnection connection) {
        members.connectionClosed(connection);
        producers.connectionClosed(connection);
    }

    private void sweep() {
        long seenBefore = steadyMillis() - config.clientTimeout().toMillis();
        members.expire(seenBefore);
        producers.expire(seenBefore);
        settings.refresh();
    }

    private static long steadyMillis() {
        return System.nanoTime() / 1_000_000;
    }

    /** Ends the sweep. Connections have to be closed before. */
    @Override
    public void close() {
        sweep.cancel(false);
    }
}
