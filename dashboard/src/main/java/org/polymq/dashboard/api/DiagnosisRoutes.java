/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.group.Group;
import org.polymq.broker.stats.Growth;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.topic.Topic;

/** Where to look when something is slow, over HTTP: who is behind, and which topics are busy. */
final class DiagnosisRoutes {
    private static final int MOST = 50;

    private final Broker broker;
    private final InstantSource clock;
    private final Aside aside;

    DiagnosisRoutes(Broker broker, InstantSource clock) {
        this.broker = broker;
        this.clock = clock;
        this.aside = new Aside(broker.coldReads());
    }

    List<Route> routes() {
        return List.of(
                Route.get("slow-consumers", "slow consumers", this::slow)
                        .says("The " + MOST + " subscriptions and groups for which most waits. Needs MANAGE on the"
                                + " cluster.")
                        .lists("consumers", Slow.class),
                Route.get("busiest-topics", "busiest topics", this::busiest)
                        .says("The " + MOST + " topics that most is published to. Needs MANAGE on the cluster.")
                        .lists("topics", Busy.class));
    }

    /**
     * One that is behind.
     *
     * @param kind {@code group}, or the kind of a subscription
     * @param oldest when what waits longest was stored; missing if it is not kept any more
     * @param active whether somebody consumes right now; not known of groups
     */
    private record Slow(
            String kind,
            String name,
            long waiting,
            @Nullable String oldest,
            @Nullable Boolean active) {}

    private record Busy(String topic, double perSecond, double bytesPerSecond, long storedSinceStart) {}

    private void slow(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        aside.run(call, reply, () -> {
            List<Slow> all = new ArrayList<>(subscriptions());
            all.addAll(groups());
            all.sort(Comparator.comparingLong(Slow::waiting).reversed());
            return Map.of("consumers", all.size() > MOST ? all.subList(0, MOST) : all);
        });
    }

    private List<Slow> subscriptions() {
        return broker.subscriptions().mostWaiting(MOST).stream().map(this::slow).toList();
    }

    private Slow slow(Subscriptions.Info info) {
        OptionalLong oldest = broker.subscriptions().oldestWaiting(info.key(), this::storeTime);
        return new Slow(
                SubscriptionRoutes.kindOf(info.key()),
                SubscriptionRoutes.id(info.key()),
                info.pending(),
                oldest.isEmpty() ? null : Texts.time(oldest.getAsLong()),
                info.active());
    }

    private long storeTime(long queue, long offset) {
        try {
            return broker.queues().storeTimeFrom(queue, offset);
        } catch (BrokerException gone) {
            if (gone.reason() == Reason.UNAVAILABLE) {
                return Long.MAX_VALUE;
            }
            throw gone;
        }
    }

    /** A group, and the first message that waits for it in one of its queues. */
    private record Behind(String group, long waiting, long queue, long offset) {}

    private List<Slow> groups() {
        PriorityQueue<Behind> most = new PriorityQueue<>(Comparator.comparingLong(Behind::waiting));
        for (Group group : broker.groups().all()) {
            Behind behind = behind(group.name());
            if (behind.waiting() > 0) {
                most.add(behind);
                if (most.size() > MOST) {
                    most.poll();
                }
            }
        }
        return most.stream().map(this::slow).toList();
    }

    private Behind behind(String group) {
        long waiting = 0;
        long queue = 0;
        long offset = 0;
        for (Map.Entry<Long, Long> each : broker.groups().offsets(group).entrySet()) {
            long start = Math.max(each.getValue(), broker.queues().start(each.getKey()));
            long lag = each.getValue() < 0 ? 0 : broker.queues().end(each.getKey()) - start;
            if (lag > 0) {
                waiting += lag;
                queue = each.getKey();
                offset = start;
            }
        }
        return new Behind(group, waiting, queue, offset);
    }

    private Slow slow(Behind behind) {
        long oldest = storeTime(behind.queue(), behind.offset());
        return new Slow(
                "group", behind.group(), behind.waiting(), oldest == Long.MAX_VALUE ? null : Texts.time(oldest), null);
    }

    private void busiest(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        long now = clock.millis();
        List<Busy> all = new ArrayList<>();
        broker.published().byKey().forEach((id, meter) -> {
            Topic topic = broker.topics().get(id);
            if (topic != null) {
                Growth minute = meter.minute(now);
                all.add(new Busy(
                        topic.name(),
                        Texts.rounded(minute.perSecond()),
                        Texts.rounded(minute.bytesPerSecond()),
                        meter.count()));
            }
        });
        all.sort(Comparator.comparingDouble(Busy::perSecond)
                .thenComparingLong(Busy::storedSinceStart)
                .reversed());
        reply.ok(Map.of("topics", all.size() > MOST ? all.subList(0, MOST) : all));
    }
}
