/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.query.Predicates;
import com.hazelcast.topic.ITopic;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.ClientClaims;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The claims of this gateway, and their shadow in the grid. The order of two claims is known only where one was held
 * before the other began; else nobody is told anything, since only the clients' home group knows who is last. Safe from
 * any thread.
 */
final class GridClaims implements ClientClaims {
    static final String MAP = "polymq.clients";

    private static final Logger log = LoggerFactory.getLogger(GridClaims.class);
    private static final int DIGEST_BATCH = 1_000;

    private final GridMember member;
    private final InstantSource clock;
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final AtomicLong order = new AtomicLong();
    private final Counter taken;

    GridClaims(GridMember member, InstantSource clock, MeterRegistry registry) {
        this.member = member;
        this.clock = clock;
        this.taken = Counter.builder("polymq.grid.clients.taken")
                .description("Connections that this gateway closed because the grid said that the client is elsewhere")
                .register(registry);
        Gauge.builder("polymq.grid.clients", held, Map::size)
                .description("MQTT clients that this gateway has claimed")
                .register(registry);
        member.whenJoined(there -> topic(there, member.id()).addMessageListener(message -> {
            if (message.getMessageObject() instanceof Told.Elsewhere elsewhere) {
                elsewhere(elsewhere);
            }
        }));
        member.whenChanged(() -> member.tell(this::digest));
        member.every(member.pace().digest(), this::digest);
    }

    private static IMap<String, Owner> map(HazelcastInstance there) {
        return there.getMap(MAP);
    }

    /** What a gateway alone hears. */
    private static ITopic<Told> topic(HazelcastInstance there, long gateway) {
        return there.getTopic("polymq.gateway." + Long.toHexString(gateway));
    }

    @Override
    public Claim begin(String clientId, Runnable taken) {
        return new Held(clientId, taken);
    }

    private long now() {
        return clock.millis() * 1_000;
    }

    private void elsewhere(Told.Elsewhere told) {
        Held there = held.get(told.clientId());
        if (there != null && there.epoch == told.epoch()) {
            there.lose();
        }
    }

    /** One connection's claim. */
    private final class Held implements Claim {
        private final String clientId;
        private final Runnable whenTaken;
        private final long began = order.incrementAndGet();
        /** What was there when this began: 0 if nothing, or nobody could say. */
        private final CompletableFuture<Long> seen = new CompletableFuture<>();

        private volatile long heldSince;
        private volatile long heldAt;
        /** 0 until the grid has it. */
        private volatile long epoch;

        private volatile boolean over;

        private Held(String clientId, Runnable whenTaken) {
            this.clientId = clientId;
            this.whenTaken = whenTaken;
            CompletionStage<@Nullable Owner> asked =
                    member.ask(there -> map(there).getAsync(clientId));
            asked.whenComplete((owner, failure) -> seen.complete(owner == null ? 0 : owner.epoch()));
        }

        @Override
        public void hold() {
            heldAt = now();
            heldSince = order.incrementAndGet();
            Held before = held.put(clientId, this);
            if (before != null && before != this && before.heldSince < began) {
                before.lose();
            }
            seen.thenCompose(known -> {
                        TakeClaim take = new TakeClaim(member.id(), known, now());
                        return member.ask(there -> map(there).submitToKey(clientId, take));
                    })
                    .whenComplete((result, failure) -> {
                        if (failure == null) {
                            written(result);
                        } else {
                            log.debug("client {} is claimed by the next digest", clientId, failure);
                        }
                    });
        }

        private void written(TakeClaim.Taken result) {
            epoch = result.epoch();
            if (over) {
                forget();
            }
            if (result.from() != 0
                    && result.from() != member.id()
                    && member.live().contains(result.from())) {
                member.tell(
                        there -> topic(there, result.from()).publish(new Told.Elsewhere(clientId, result.fromEpoch())));
            }
        }

        /** Another connection has the client, and had asked for it when this one held it already. */
        private void lose() {
            if (!over) {
                taken.increment();
                release();
                whenTaken.run();
            }
        }

        @Override
        public void release() {
            if (!over) {
                over = true;
                held.remove(clientId, this);
                forget();
            }
        }

        private void forget() {
            long own = epoch;
            if (own != 0) {
                member.tell(there -> map(there).submitToKey(clientId, new ReleaseClaim(member.id(), own)));
            }
        }

        /** The epoch to say again: that of when it was held, since the client may have been elsewhere since. */
        private long again() {
            if (epoch == 0) {
                epoch = heldAt;
            }
            return epoch;
        }
    }

    // ---- what was lost on the way

    /** Says again what the grid does not know (any more), and learns what it was not told. */
    private void digest(HazelcastInstance there) {
        List<String> clients = new ArrayList<>(held.keySet());
        for (int from = 0; from < clients.size(); from += DIGEST_BATCH) {
            Set<String> batch = new HashSet<>(clients.subList(from, Math.min(clients.size(), from + DIGEST_BATCH)));
            Map<String, Owner> known = map(there).getAll(batch);
            batch.forEach(each -> compare(there, each, known.get(each)));
        }
        removeOfTheGone(there);
    }

    private void compare(HazelcastInstance there, String clientId, @Nullable Owner known) {
        Held own = held.get(clientId);
        if (own == null || own.over || (known != null && known.contested())) {
            return;
        }
        if (known == null || known.gateway() != member.id() || known.epoch() != own.epoch) {
            map(there)
                    .submitToKey(clientId, new AssertClaim(member.id(), own.again()))
                    .whenComplete((owner, failure) -> {
                        if (failure == null
                                && owner.gateway() != member.id()
                                && !owner.contested()
                                && owner.epoch() > own.epoch
                                && member.live().contains(owner.gateway())) {
                            own.lose();
                        }
                    });
        }
    }

    /** Done by the oldest member, since all of them would do the same. */
    private void removeOfTheGone(HazelcastInstance there) {
        if (there.getCluster().getMembers().iterator().next().localMember()) {
            Long[] live = member.live().toArray(Long[]::new);
            map(there).removeAll(Predicates.not(Predicates.in("gateway", live)));
        }
    }
}
