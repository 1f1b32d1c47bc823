/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.client.ConnectedClient;
import org.polymq.broker.stats.LogFigures;

/** What the broker is doing right now, in figures, looked at once a second at most. Safe from any thread. */
public final class Overview {
    private static final double LITTLE = 0.1;
    private static final long FRESH_MILLIS = 1_000;

    private final Broker broker;
    private final MeterRegistry registry;
    private final InstantSource clock;
    private long lastAt;
    private double lastIn;
    private double lastOut;
    private double lastStored;
    private @Nullable Figures latest;

    public Overview(Broker broker, MeterRegistry registry, InstantSource clock) {
        this.broker = broker;
        this.registry = registry;
        this.clock = clock;
        sample(clock.millis());
    }

    /** Connections by protocol. */
    public record Clients(long mqtt, long jms, long rocketmq) {}

    /**
     * One look.
     *
     * @param at when, in ISO 8601
     * @param alarms what an operator has to do something about, in words
     */
    public record Figures(
            String at,
            String up,
            double storedPerSecond,
            double mqttInPerSecond,
            double mqttOutPerSecond,
            long stored,
            Clients clients,
            int topics,
            int sessions,
            int subscriptions,
            int retained,
            long delayed,
            long logBytes,
            long diskFree,
            long diskTotal,
            long heapUsed,
            long heapMost,
            List<String> alarms) {}

    /** The figures, at most a second old; rates are since the figures before. */
    public synchronized Figures now() {
        long now = clock.millis();
        Figures known = latest;
        if (known != null && now - lastAt < FRESH_MILLIS) {
            return known;
        }
        Figures fresh = look(now);
        latest = fresh;
        return fresh;
    }

    private Figures look(long now) {
        double in = lastIn;
        double out = lastOut;
        double stored = lastStored;
        double seconds = Math.max(1, now - lastAt) / 1000.0;
        sample(now);
        LogFigures log = broker.logFigures();
        Runtime memory = Runtime.getRuntime();
        return new Figures(
                Texts.time(now),
                up(),
                Texts.rounded((lastStored - stored) / seconds),
                Texts.rounded((lastIn - in) / seconds),
                Texts.rounded((lastOut - out) / seconds),
                broker.messagesStored(),
                clients(),
                broker.topics().count(),
                broker.sessions().size(),
                broker.subscriptions().count(),
                broker.retained().size(),
                broker.timers().pending(),
                log.end() - log.start(),
                log.diskFree(),
                log.diskSize(),
                memory.totalMemory() - memory.freeMemory(),
                memory.maxMemory(),
                alarms(log));
    }

    private void sample(long now) {
        lastAt = now;
        lastIn = sum("polymq.mqtt.messages.received");
        lastOut = sum("polymq.mqtt.messages.sent");
        lastStored = broker.messagesStored();
    }

    private double sum(String name) {
        double sum = 0;
        for (Meter meter : registry.find(name).meters()) {
            if (meter instanceof Counter counter) {
                sum += counter.count();
            } else if (meter instanceof FunctionCounter counter) {
                sum += counter.count();
            }
        }
        return sum;
    }

    private Clients clients() {
        long mqtt = 0;
        long jms = 0;
        long rocketMq = 0;
        for (ConnectedClient client : broker.clients().all()) {
            String protocol = client.protocol().toLowerCase(Locale.ROOT);
            if (protocol.startsWith("mqtt")) {
                mqtt++;
            } else if (protocol.startsWith("jms")) {
                jms++;
            } else {
                rocketMq++;
            }
        }
        return new Clients(mqtt, jms, rocketMq);
    }

    /** How long this process runs, in words. */
    static String up() {
        Duration up = Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
        return up.toDays() > 0
                ? up.toDays() + " d " + up.toHoursPart() + " h"
                : up.toHours() > 0 ? up.toHours() + " h " + up.toMinutesPart() + " min" : up.toMinutes() + " min";
    }

    private List<String> alarms(LogFigures log) {
        List<String> alarms = new ArrayList<>();
        if (broker.storageFailed()) {
            alarms.add("A write to the disk failed: nothing is stored until the broker is started again.");
        } else if (log.diskFree() < LITTLE * log.diskSize()) {
            alarms.add("Less than a tenth of the disk is free.");
        }
        return alarms;
    }
}
