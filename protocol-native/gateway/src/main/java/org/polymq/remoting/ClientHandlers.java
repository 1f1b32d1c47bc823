/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.client.ClientDirectory;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.ConsumerData;
import org.polymq.remoting.wire.body.HeartbeatData;
import org.polymq.remoting.wire.body.LockBatchBody;
import org.polymq.remoting.wire.body.SubscriptionData;
import org.polymq.remoting.wire.body.TextLists;
import org.polymq.remoting.wire.header.ConsumerGroupHeader;
import org.polymq.remoting.wire.header.UnregisterClientHeader;

/** Codes 34, 35, 38, 41, 42 and 46: clients come and go, and share queues among themselves. */
final class ClientHandlers {
    private final BiConsumer<ConsumerData, NativeConnection> newcomers;
    private final ConsumerGroups members;
    private final Producers producers;
    private final QueueLocks locks;
    private final NativeFilters filters;
    private final ClientDirectory clients;
    private final ClientLimits limits;
    private final LongSupplier steadyMillis;

    /** @param newcomers hears of each consumer before it is a member */
    ClientHandlers(
            BiConsumer<ConsumerData, NativeConnection> newcomers,
            ConsumerGroups members,
            Producers producers,
            QueueLocks locks,
            NativeFilters filters,
            ClientDirectory clients,
            ClientLimits limits,
            LongSupplier steadyMillis) {
        this.newcomers = newcomers;
        this.members = members;
        this.producers = producers;
        this.locks = locks;
        this.filters = filters;
        this.clients = clients;
        this.limits = limits;
        this.steadyMillis = steadyMillis;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.HEART_BEAT, this::heartbeat);
        handlers.put(RequestCode.UNREGISTER_CLIENT, this::unregister);
        handlers.put(RequestCode.GET_CONSUMER_LIST_BY_GROUP, this::listMembers);
        handlers.put(RequestCode.LOCK_BATCH_MQ, this::lock);
        handlers.put(RequestCode.UNLOCK_BATCH_MQ, this::unlock);
        handlers.put(RequestCode.CHECK_CLIENT_CONFIG, this::checkClient);
    }

    private void heartbeat(RemotingCommand request, NativeConnection from) {
        HeartbeatData heartbeat = HeartbeatData.of(request.body());
        checkSize(heartbeat);
        long now = steadyMillis.getAsLong();
        boolean changed = false;
        clients.add(
                from.channel(),
                "RocketMQ",
                heartbeat.clientId(),
                from.access().principal().name(),
                () -> Map.of("language", request.language().name(), "version", String.valueOf(request.version())),
                from.channel()::close);
        for (String group : heartbeat.producerGroups()) {
            producers.heartbeat(
                    group,
                    new Producers.Producer(
                            heartbeat.clientId(), from, from.access(), request.language(), request.version(), now));
        }
        for (ConsumerData consumer : heartbeat.consumers()) {
            if (heartbeat.withoutSubscriptions()) {
                changed |= !members.shortHeartbeat(consumer.groupName(), heartbeat.clientId(), from, now);
            } else {
                newcomers.accept(consumer, from);
                changed |= members.heartbeat(
                        consumer,
                        new ConsumerGroups.Client(heartbeat.clientId(), request.language(), request.version()),
                        from,
                        now);
            }
        }
        boolean shortAndKnown = heartbeat.withoutSubscriptions() && !changed;
        from.answer(
                request,
                request.answer(
                        new ExtFields().with("IS_SUPPORT_HEART_BEAT_V2", true).with("IS_SUB_CHANGE", !shortAndKnown)));
    }

    private void checkSize(HeartbeatData heartbeat) {
        int size = heartbeat.producerGroups().size();
        for (ConsumerData consumer : heartbeat.consumers()) {
            size += 1 + consumer.subscriptions().size();
        }
        if (size > limits.subscriptions()) {
            throw new BrokerException(
                    Reason.LIMIT_EXCEEDED,
                    "a heartbeat of " + size + " groups and subscriptions exceeds the limit of "
                            + limits.subscriptions() + " (limits.subscriptions-per-session)");
        }
    }

    private void unregister(RemotingCommand request, NativeConnection from) {
        UnregisterClientHeader header = UnregisterClientHeader.of(request.fields());
        if (!header.consumerGroup().isEmpty()) {
            members.leave(header.consumerGroup(), header.clientID());
        }
        if (!header.producerGroup().isEmpty()) {
            producers.leave(header.producerGroup(), header.clientID(), from);
        }
        from.answer(request, request.answer(ResponseCode.SUCCESS, null));
    }

    private void listMembers(RemotingCommand request, NativeConnection from) {
        String group = ConsumerGroupHeader.of(request.fields()).consumerGroup();
        List<String> ids = members.clientIds(group);
        from.answer(
                request,
                ids.isEmpty()
                        ? request.answer(ResponseCode.SYSTEM_ERROR, "no consumer for this group, " + group)
                        : request.answer(TextLists.consumerIds(ids)));
    }

    private void lock(RemotingCommand request, NativeConnection from) {
        LockBatchBody body = LockBatchBody.of(request.body());
        from.answer(
                request,
                request.answer(LockBatchBody.locked(
                        locks.lock(body.consumerGroup(), body.clientId(), body.queues(), steadyMillis.getAsLong()))));
    }

    private void unlock(RemotingCommand request, NativeConnection from) {
        LockBatchBody body = LockBatchBody.of(request.body());
        locks.unlock(body.consumerGroup(), body.clientId(), body.queues());
        from.answer(request, request.answer(ResponseCode.SUCCESS, null));
    }

    /** A consumer asks whether the broker evaluates its filter. */
    private void checkClient(RemotingCommand request, NativeConnection from) {
        SubscriptionData subscription = SubscriptionData.ofCheck(request.body());
        filters.of(subscription); // refused here if it cannot be evaluated
        from.answer(request, request.answer(ResponseCode.SUCCESS, null));
    }
}
