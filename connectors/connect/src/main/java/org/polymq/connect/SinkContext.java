/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.errors.IllegalWorkerStateException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.TopicQueue;

/** What a sink's plugin sees of its task. What it asks for is done by the task's thread before it reads on. */
final class SinkContext implements SinkTaskContext {
    private final Map<String, String> properties;
    private final Partitions partitions;
    private final PluginMetrics metrics;
    private final @Nullable ErrantRecordReporter reporter;
    private final Map<TopicPartition, Long> rewinds = new HashMap<>();
    private final Set<TopicQueue> paused = new TreeSet<>();
    private Set<TopicQueue> assigned = Set.of();
    private long timeout = -1;
    private boolean commitRequested;

    SinkContext(
            Map<String, String> properties,
            Partitions partitions,
            PluginMetrics metrics,
            @Nullable ErrantRecordReporter reporter) {
        this.properties = properties;
        this.partitions = partitions;
        this.metrics = metrics;
        this.reporter = reporter;
    }

    // ---- what the plugin calls

    @Override
    public Map<String, String> configs() {
        return properties;
    }

    @Override
    public synchronized void offset(Map<TopicPartition, Long> offsets) {
        rewinds.putAll(offsets);
    }

    @Override
    public synchronized void offset(TopicPartition partition, long offset) {
        rewinds.put(partition, offset);
    }

    @Override
    public synchronized void timeout(long millis) {
        timeout = millis;
    }

    @Override
    public synchronized Set<TopicPartition> assignment() {
        return Set.copyOf(assigned.stream().map(partitions::partition).toList());
    }

    @Override
    public synchronized void pause(TopicPartition... named) {
        paused.addAll(known(named));
    }

    @Override
    public synchronized void resume(TopicPartition... named) {
        paused.removeAll(known(named));
    }

    private List<TopicQueue> known(TopicPartition... named) {
        List<TopicQueue> queues = Stream.of(named).map(partitions::queue).toList();
        for (TopicQueue queue : queues) {
            if (!assigned.contains(queue)) {
                throw new IllegalWorkerStateException(queue + " is not assigned to this task");
            }
        }
        return queues;
    }

    @Override
    public synchronized void requestCommit() {
        commitRequested = true;
    }

    @Override
    public @Nullable ErrantRecordReporter errantRecordReporter() {
        return reporter;
    }

    @Override
    public PluginMetrics pluginMetrics() {
        return metrics;
    }

    // ---- what the task takes

    synchronized void assign(Set<TopicQueue> queues) {
        assigned = Set.copyOf(queues);
        paused.retainAll(queues);
    }

    synchronized Set<TopicQueue> paused() {
        return new TreeSet<>(paused);
    }

    synchronized Map<TopicPartition, Long> takeRewinds() {
        Map<TopicPartition, Long> taken = Map.copyOf(rewinds);
        rewinds.clear();
        return taken;
    }

    /** How long the plugin wants to wait before the next put; -1 if it did not say. */
    synchronized long takeTimeout() {
        long taken = timeout;
        timeout = -1;
        return taken;
    }

    synchronized boolean takeCommitRequest() {
        boolean taken = commitRequested;
        commitRequested = false;
        return taken;
    }
}
