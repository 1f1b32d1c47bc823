/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.Broker;
import org.polymq.broker.message.MessageCodec;
import org.polymq.broker.message.MessageIds;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.RequestRate;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.RequestCode;

/** Serves RocketMQ clients: puts handlers, client registry and protocol together over the core. */
public final class NativeGateway implements AutoCloseable {
    private static final long SWEEP_MILLIS = 5_000;
    /** RocketMQ's VIP channel listens two ports below. */
    private static final int VIP_BELOW = 2;

    private static final long SAMPLE_MILLIS = 10_000;

    private final ConsumerGroups members = new ConsumerGroups();
    private final Producers producers = new Producers();
    private final QueueLocks locks;
    private final NativeConfig config;
    private final Protocol protocol;
    private final Protocol vipProtocol;
    private final Set<Integer> codes;
    private final TopicConfigs topicConfigs;
    private final TransactionChecks checks;
    private final LiveSettings settings;
    private final NativeStats stats;
    private final PopGroups pops;
    private final NativeRequesters requesters;
    private final OffsetResets resets = new OffsetResets(NativeGateway::steadyMillis);
    private final Future<?> sweep;
    private final Future<?> sampling;

    private NativeGateway(
            Broker broker,
            NativeConfig config,
            InstantSource clock,
            MeterRegistry registry,
            EventExecutor timer,
            Replica replica) {
        this.config = config;
        this.locks = new QueueLocks(config.lockTime());
        this.settings = new LiveSettings(broker.changedSettings(), config);
        this.stats = new NativeStats(broker.published(), broker.timers(), clock);
        this.topicConfigs = new TopicConfigs(
                broker.topics(), settings, NativeTopicNames.replyTopic(config.clusterName()), clock.millis());
        MessageIds ids = new MessageIds(
                InetAddress.getLoopbackAddress().getAddress(),
                ProcessHandle.current().pid(),
                ThreadLocalRandom.current().nextInt(),
                clock);
        NativeTopicNames names = new NativeTopicNames();
        AccessRules rules = new AccessRules(
                broker.topics(),
                broker.messages(),
                broker.halfMessages(),
                names,
                broker.security().audit());
        this.pops = new PopGroups(
                new PopContext(
                        broker,
                        names,
                        ids,
                        clock,
                        config.clusterName(),
                        config.maxDeliverSize(),
                        PullReader.skipped(registry)),
                timer);
        this.requesters = new NativeRequesters(
                producers,
                new MessageCodec(config.clusterName(), ids),
                NativeTopicNames.replyTopic(config.clusterName()),
                config.maxDeliverSize(),
                clock);
        broker.direct().serve(requesters);
        HandlerTable handlers = new HandlerTable(handlers(broker, names, clock, registry, replica), rules);
        this.codes = handlers.codes();
        NativeConnection.Shared shared = new NativeConnection.Shared(
                handlers,
                rules,
                broker.security(),
                config.clusterName(),
                config.advertise(),
                ids,
                new BadInput(registry),
                new RequestRate(config.limits().requestRate(), NativeProtocol.NAME, registry),
                this::connectionClosed);
        this.protocol = new NativeProtocol(shared, FrameLimits.DEFAULT, config.clientTimeout(), 0);
        this.vipProtocol = new NativeProtocol(shared, FrameLimits.DEFAULT, config.clientTimeout(), VIP_BELOW);
        this.checks = new TransactionChecks(
                broker, producers, names, new NativeEncoder(config.clusterName(), ids), clock, timer, config);
        this.sweep = timer.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        this.sampling =
                timer.scheduleWithFixedDelay(stats::sample, SAMPLE_MILLIS, SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Makes the gateway; give {@link #protocol} to a listener.
     *
     * @param timer runs the sweep of clients and locks that are gone
     */
    public static NativeGateway open(
            Broker broker, NativeConfig config, InstantSource clock, MeterRegistry registry, EventExecutor timer) {
        return open(broker, config, clock, registry, timer, Replica.ONLY);
    }

    /** The same where other nodes have copies of the log. */
    public static NativeGateway open(
            Broker broker,
            NativeConfig config,
            InstantSource clock,
            MeterRegistry registry,
            EventExecutor timer,
            Replica replica) {
        return new NativeGateway(broker, config, clock, registry, timer, replica);
    }

    private Map<Integer, RequestHandler> handlers(
            Broker broker, NativeTopicNames names, InstantSource clock, MeterRegistry registry, Replica replica) {
        Map<Integer, RequestHandler> handlers = new HashMap<>();

        Delays delays = new Delays(broker.timers(), config.delayLevels(), config.brokerName(), clock);
        RequestHandler send = new SendHandler(
                broker.topics(), broker.publisher(), names, settings, delays, broker.halfMessages(), stats);
        handlers.put(RequestCode.SEND_MESSAGE, send);
        handlers.put(RequestCode.SEND_MESSAGE_V2, send);
        handlers.put(RequestCode.SEND_BATCH_MESSAGE, send);
        RequestHandler replies = new ReplyHandler(requesters, broker.publisher(), names, clock);
        handlers.put(RequestCode.SEND_REPLY_MESSAGE, replies);
        handlers.put(RequestCode.SEND_REPLY_MESSAGE_V2, replies);

        NativeFilters filters = new NativeFilters();
        handlers.put(
                RequestCode.END_TRANSACTION,
                new EndTransactionHandler(broker.halfMessages(), broker.topics(), names, broker.coldReads()));

        new ReadHandlers(
                        broker, config, names, filters, members, pops, resets, settings, stats, clock, registry,
                        replica)
                .addTo(handlers);

        new PopHandlers(broker.topics(), broker.groups(), broker.queues(), names, filters, pops).addTo(handlers);
        new AssignmentHandlers(
                        broker.topics(),
                        broker.groups(),
                        broker.requestModes(),
                        members,
                        names,
                        pops,
                        config.brokerName())
                .addTo(handlers);
        new ClientHandlers(
                        new NewConsumers(broker.groups(), broker.topics(), names)::prepare,
                        members,
                        producers,
                        locks,
                        filters,
                        broker.clients(),
                        config.limits(),
                        NativeGateway::steadyMillis)
                .addTo(handlers);
        addAdministration(handlers, broker, names, clock);
        handlers.put(
                RequestCode.CONSUMER_SEND_MSG_BACK,
                new SendBackHandler(
                        broker.topics(), broker.groups(), broker.messages(), broker.publisher(), names, delays));
        handlers.put(RequestCode.RECALL_MESSAGE, new RecallHandler(broker.topics(), names, delays));
        return handlers;
    }

    private void addAdministration(
            Map<Integer, RequestHandler> handlers, Broker broker, NativeTopicNames names, InstantSource clock) {
        TopicDirectory directory =
                new TopicDirectory(broker.topics(), broker.groups(), members, names, config.brokerName());
        new TopicAdmin(broker.topics(), broker.queues(), names, directory, topicConfigs, members, stats)
                .addTo(handlers);
        new GroupAdmin(broker.groups(), members, directory, clock.millis()).addTo(handlers);
        new OffsetAdmin(broker.topics(), broker.groups(), broker.queues(), members, directory, stats, pops)
                .addTo(handlers);
        broker.groups().movedBy(new GroupMover(broker.groups(), members, pops, resets));
        handlers.put(
                RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
                new ResetHandler(broker.groups(), broker.queues(), directory));
        new ConnectionAdmin(members, producers, NativeGateway::steadyMillis, clock).addTo(handlers);
        new ConsumerQuestions(members, broker.messages(), broker.queues()).addTo(handlers);
        new BrokerAdmin(broker, config, settings, directory, stats).addTo(handlers);
        new UserAdmin(broker.security().accounts()).addTo(handlers);
    }

    /** What a listener needs to serve RocketMQ clients. */
    public Protocol protocol() {
        return protocol;
    }

    /** The request codes that are served. */
    Set<Integer> codes() {
        return codes;
    }

    /** The same for the listener two ports below. */
    public Protocol vipProtocol() {
        return vipProtocol;
    }

    /** The topics as name servers are told of them. */
    public TopicConfigs topicConfigs() {
        return topicConfigs;
    }

    private void connectionClosed(NativeConnection connection) {
        members.connectionClosed(connection);
        producers.connectionClosed(connection);
    }

    private void sweep() {
        long now = steadyMillis();
        long seenBefore = now - config.clientTimeout().toMillis();
        members.expire(seenBefore);
        producers.expire(seenBefore);
        locks.expire(now);
        resets.sweep();
        pops.sweep();
        stats.forgetPulled(members.names()::contains);
    }

    private static long steadyMillis() {
        return System.nanoTime() / 1_000_000;
    }

    /** Ends the sweep. Listeners have to be closed before. */
    @Override
    public void close() {
        sweep.cancel(false);
        sampling.cancel(false);
        checks.close();
    }
}
