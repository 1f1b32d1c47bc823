/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.stats;

import java.time.InstantSource;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Meters by key, so many at most: what nothing happened to for long is forgotten, and while there is no room more is
 * counted in the sum only. Safe from any thread.
 */
public final class Meters<K> {
    private static final int MOST = 10_000;
    private static final long IDLE = 24 * 3_600_000L;
    /** How long a meter stays idle when others need its place, ms. */
    private static final long IDLE_WHEN_CROWDED = 10 * 60_000L;

    private final Map<K, Meter> byKey = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private final Meter all;

    public Meters(InstantSource clock) {
        this.clock = clock;
        this.all = new Meter(clock.millis());
    }

    /** Counts events of a key. */
    public void add(K key, long events, long bytes) {
        all.add(events, bytes);
        Meter meter = byKey.get(key);
        if (meter == null) {
            if (byKey.size() >= MOST) {
                return;
            }
            meter = byKey.computeIfAbsent(key, fresh -> new Meter(clock.millis()));
        }
        meter.add(events, bytes);
    }

    /** The meter of a key; empty if nothing was counted for it. */
    public Optional<Meter> find(K key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** What is counted by key; a live, read-only view. */
    public Map<K, Meter> byKey() {
        return Collections.unmodifiableMap(byKey);
    }

    /** The sum over all keys, forgotten ones included. */
    public Meter all() {
        return all;
    }

    /** Takes a sample of each; to be called every 10 s by one thread. */
    public void sample() {
        long now = clock.millis();
        all.sample(now);
        long idle = byKey.size() > MOST / 2 ? IDLE_WHEN_CROWDED : IDLE;
        byKey.values().removeIf(meter -> {
            meter.sample(now);
            return now - meter.changedAt() > idle;
        });
    }
}
