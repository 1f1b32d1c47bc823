/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.NodePresence;
import org.polymq.broker.cluster.Presence;

/** Says that this node is there, and hears who else is. Safe from any thread. */
final class GridPresence implements Presence {
    static final String MAP = "polymq.presence";

    private static final int MISSED = 5;

    private final GridMember member;
    private volatile @Nullable Supplier<NodePresence> own;
    private volatile Map<Long, NodePresence> others = Map.of();

    GridPresence(GridMember member, MeterRegistry registry) {
        this.member = member;
        Gauge.builder("polymq.grid.nodes", this, each -> each.nodes().size())
                .description("Nodes that this one knows to be there, itself among them")
                .register(registry);
        member.every(member.pace().presence(), this::exchange);
        member.whenChanged(() -> others = present(others));
    }

    private static IMap<Long, NodePresence> map(HazelcastInstance there) {
        return there.getMap(MAP);
    }

    private void exchange(HazelcastInstance there) {
        Supplier<NodePresence> saying = own;
        if (saying != null) {
            Duration lasts = member.pace().presence().multipliedBy(MISSED);
            map(there).set(member.id(), saying.get(), lasts.toMillis(), TimeUnit.MILLISECONDS);
        }
        Map<Long, NodePresence> known = new HashMap<>();
        map(there).entrySet().forEach(each -> known.put(each.getKey(), each.getValue()));
        others = present(known);
    }

    private Map<Long, NodePresence> present(Map<Long, NodePresence> known) {
        Map<Long, NodePresence> present = new HashMap<>(known);
        present.keySet().retainAll(member.live());
        present.remove(member.id());
        return Map.copyOf(present);
    }

    @Override
    public void say(Supplier<NodePresence> presence) {
        own = presence;
    }

    @Override
    public List<NodePresence> nodes() {
        Map<Long, NodePresence> all = new HashMap<>(others);
        Optional.ofNullable(own).ifPresent(saying -> all.put(member.id(), saying.get()));
        return all.values().stream()
                .sorted(Comparator.comparing(NodePresence::name))
                .toList();
    }

    @Override
    public long connectionsElsewhere() {
        return others.values().stream().mapToLong(NodePresence::connections).sum();
    }
}
