/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.polymq.bench.Fields;
import org.polymq.bench.LatencyHistogram;
import org.polymq.bench.ProcStat;

/** Time, and processor time of broker (all its nodes) and client, from {@link #begin} to {@link #end}. */
final class Measurement {
    private final ProcStat broker;
    private final ProcStat client = new ProcStat(ProcessHandle.current().pid());
    private final long startNanos = System.nanoTime();
    private final List<Long> brokerMicros;
    private final long clientMicros;

    private Measurement(ProcStat broker) {
        this.broker = broker;
        this.brokerMicros = broker.cpuMicrosEach();
        this.clientMicros = client.cpuMicros();
    }

    static Measurement begin(ProcStat broker) {
        return new Measurement(broker);
    }

    /** The figures for so many messages: rate per second, seconds, processor microseconds per message. */
    Fields end(long messages) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        List<Long> now = broker.cpuMicrosEach();
        List<Long> used = IntStream.range(0, now.size())
                .mapToObj(i -> now.get(i) - brokerMicros.get(i))
                .toList();
        long brokerUsed = used.stream().mapToLong(Long::longValue).sum();
        long clientUsed = client.cpuMicros() - clientMicros;
        Fields figures = Fields.none()
                .with("messages", messages)
                .with("seconds", decimal(seconds))
                .with("rate", Math.round(messages / seconds))
                .with("broker_cpu_us", decimal(messages == 0 ? 0 : (double) brokerUsed / messages))
                .with("client_cpu_us", decimal(messages == 0 ? 0 : (double) clientUsed / messages))
                .with("broker_cores", decimal(brokerUsed / 1e6 / seconds))
                .with("jvm_up_s", ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
        // Of several nodes the one that serves clients uses the most.
        return used.size() == 1 || messages == 0
                ? figures
                : figures.with("leader_cpu_us", decimal((double) Collections.max(used) / messages));
    }

    /** The figures with median and 99th percentile of the durations, in microseconds, under the given name. */
    static Fields withLatency(Fields figures, String name, LatencyHistogram histogram) {
        return figures.with(name + "_p50_us", histogram.percentile(0.5))
                .with(name + "_p99_us", histogram.percentile(0.99));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
