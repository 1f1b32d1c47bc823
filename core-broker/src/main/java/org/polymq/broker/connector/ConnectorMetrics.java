/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.polymq.broker.connector.ConnectorCounters.Counts;
import org.polymq.broker.connector.ConnectorStatus.State;

/** The figures of each connector in the metrics. Safe from any thread. */
final class ConnectorMetrics {
    private final MeterRegistry registry;
    private final Map<String, List<Meter>> meters = new HashMap<>();

    ConnectorMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    synchronized void add(
            Connector connector, ConnectorCounters counters, Supplier<Long> lag, Supplier<ConnectorStatus> status) {
        remove(connector.name());
        Tags tags = Tags.of("connector", connector.name(), "kind", connector.kind());
        List<Meter> added = new ArrayList<>();
        count(added, tags, counters, "received", "Messages stored that a connector brought", Counts::received);
        count(added, tags, counters, "sent", "Messages that a connector's other system took", Counts::sent);
        count(added, tags, counters, "errors", "Operations and records of a connector that failed", Counts::errors);
        count(added, tags, counters, "retries", "Tries of a connector after the first", Counts::retries);
        count(
                added,
                tags,
                counters,
                "restarts",
                "Starts of a connector or its tasks after the first",
                Counts::restarts);
        count(added, tags, counters, "dead.letters", "Records of a connector in its dead letters", Counts::deadLetters);
        count(added, tags, counters, "skipped", "Records a connector dropped as it tolerates errors", Counts::skipped);
        count(added, tags, counters, "missed", "Messages gone before a connector read them", Counts::missed);
        added.add(Gauge.builder("polymq.connector.lag", lag, Supplier::get)
                .description("Messages in the log that a connector has still to take away")
                .tags(tags)
                .strongReference(true)
                .register(registry));
        added.add(Gauge.builder("polymq.connector.running", status, each -> isWell(each.get()) ? 1 : 0)
                .description("1 while a connector and all its tasks do what they are meant to")
                .tags(tags)
                .strongReference(true)
                .register(registry));
        meters.put(connector.name(), added);
    }

    private static boolean isWell(ConnectorStatus status) {
        return isWell(status.state()) && status.tasks().stream().allMatch(task -> isWell(task.state()));
    }

    private static boolean isWell(State state) {
        return state == State.RUNNING || state == State.PAUSED || state == State.STOPPED;
    }

    private void count(
            List<Meter> added,
            Tags tags,
            ConnectorCounters counters,
            String name,
            String meaning,
            ToDoubleFunction<Counts> value) {
        added.add(FunctionCounter.builder(
                        "polymq.connector." + name, counters, each -> value.applyAsDouble(each.counts()))
                .description(meaning)
                .tags(tags)
                .register(registry));
    }

    synchronized void remove(String name) {
        List<Meter> known = meters.remove(name);
        if (known != null) {
            known.forEach(meter -> registry.remove(meter.getId()));
        }
    }

    synchronized void close() {
        List.copyOf(meters.keySet()).forEach(this::remove);
    }
}
