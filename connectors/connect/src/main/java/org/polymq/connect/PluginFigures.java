/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;

/** The figures that the plugins of one connector keep themselves. Safe from any thread. */
final class PluginFigures implements AutoCloseable {
    private final Metrics metrics = new Metrics();
    private final String connector;

    PluginFigures(String connector) {
        this.connector = connector;
    }

    PluginMetrics ofConnector() {
        return new PluginMetricsImpl(metrics, new LinkedHashMap<>(Map.of("connector", connector)));
    }

    PluginMetrics ofTask(int task) {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("connector", connector);
        tags.put("task", Integer.toString(task));
        return new PluginMetricsImpl(metrics, tags);
    }

    @Override
    public void close() {
        metrics.close();
    }
}
