/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.polymq.bench.Fields;
import org.polymq.bench.LatencyHistogram;
import org.polymq.bench.ProcStat;

/**
 * Publishers and subscribers of one run: closed loop with {@code window} messages on their way, or {@code rate}
 * messages a second at even intervals. Used once, by one thread.
 */
final class MqttFlow {
    /** After so long without a message those on their way count as lost. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int BURST = 32;
    private static final int UNSENT = 100_000;

    private final SocketAddress address;
    private final ProcStat broker;
    private final MqttLoop loop;
    private final String topic;
    private final int qos;
    private final int size;
    private final int copies;
    private final List<MqttClient> publishers = new ArrayList<>();
    private final List<byte[]> topics = new ArrayList<>();
    private final long[] published;
    private final long[][] last;
    private final LatencyHistogram latency = new LatencyHistogram();
    private long sent;
    private long received;
    private long lost;
    private long outOfOrder;
    private long lastArrival;

    private MqttFlow(SocketAddress address, ProcStat broker, MqttLoop loop, Fields settings) {
        this.address = address;
        this.broker = broker;
        this.loop = loop;
        this.topic = settings.text("topic", "bench");
        this.qos = settings.count("qos", 0);
        this.size = settings.count("size", 256);
        this.copies = settings.count("share", 0) == 1 ? 1 : settings.count("subscribers", 1);
        this.published = new long[settings.count("publishers", 1)];
        this.last = new long[settings.count("subscribers", 1)][published.length];
    }

    /**
     * Runs it.
     *
     * @param settings {@code publishers}, {@code subscribers} (each gets every message, or with {@code share=1} they
     *     form one shared subscription), {@code qos}, {@code size} in bytes, {@code secs}, and either {@code window}
     *     (messages on their way in all) with {@code unacked} (of one publisher) or {@code rate}
     */
    static Fields run(SocketAddress address, ProcStat broker, Fields settings) throws IOException {
        try (MqttLoop loop = new MqttLoop()) {
            MqttFlow flow = new MqttFlow(address, broker, loop, settings);
            flow.connect(settings.count("share", 0) == 1);
            return flow.measure(settings);
        }
    }

    private void connect(boolean share) throws IOException {
        loop.listen(this::arrived);
        for (int i = 0; i < last.length; i++) {
            int wanted = i + 1;
            MqttClient subscriber = new MqttClient(loop, address, i, topic + "-s" + i, true);
            loop.until("a subscriber is connected", () -> loop.connectedCount() == wanted);
            subscriber.subscribe((share ? "$share/group/" : "") + topic + "/#", qos);
        }
        loop.until("all have subscribed", () -> loop.subscribedCount() == last.length);
        for (int i = 0; i < published.length; i++) {
            publishers.add(new MqttClient(loop, address, -1, topic + "-p" + i, true));
            topics.add((topic + "/t" + i + "/data").getBytes(StandardCharsets.UTF_8));
        }
        loop.until("all are connected", () -> loop.connectedCount() == last.length + published.length);
    }

    private Fields measure(Fields settings) throws IOException {
        long rate = settings.number("rate", 0);
        Measurement measurement = Measurement.begin(broker);
        lastArrival = System.nanoTime();
        long nanos = TimeUnit.SECONDS.toNanos(settings.number("secs", 10));
        if (rate > 0) {
            pace(rate, nanos);
        } else {
            closedLoop(settings.count("window", 1_000), settings.count("unacked", 100), nanos);
        }
        while (received + lost < sent * copies || (qos > 0 && loop.acknowledgedCount() < sent)) {
            loop.poll(10);
            if (stalled()) {
                break;
            }
        }
        Fields figures = measurement
                .end(received)
                .with("sent", sent)
                .with("missing", sent * copies - received)
                .with("unacknowledged", qos == 0 ? 0 : sent - loop.acknowledgedCount())
                .with("out_of_order", outOfOrder);
        return rate > 0 ? Measurement.withLatency(figures, "e2e", latency) : figures;
    }

    private void closedLoop(int window, int unacked, long nanos) throws IOException {
        long end = System.nanoTime() + nanos;
        int next = 0;
        while (System.nanoTime() < end) {
            int idle = 0;
            while (idle < publishers.size() && room(window) > 0) {
                boolean any = burst(next, (int) Math.min(BURST, room(window)), unacked);
                idle = any ? 0 : idle + 1;
                next = (next + 1) % publishers.size();
            }
            loop.poll(1);
            if (stalled()) {
                lost = sent * copies - received;
                lastArrival = System.nanoTime();
            }
        }
    }

    private long room(int window) {
        return (received + lost) / copies + window - sent;
    }

    private boolean burst(int index, int most, int unacked) throws IOException {
        MqttClient publisher = publishers.get(index);
        int count = 0;
        while (count < most && publisher.unsent() < UNSENT && (qos == 0 || publisher.unacknowledged() < unacked)) {
            publish(index, 0);
            count++;
        }
        publisher.flush();
        return count > 0;
    }

    /** Times count from when a message was due, so that a stall is not hidden. */
    private void pace(long rate, long nanos) throws IOException {
        long start = System.nanoTime();
        long wanted = rate * TimeUnit.NANOSECONDS.toSeconds(nanos);
        while (sent < wanted) {
            long due = start + sent * 1_000_000_000L / rate;
            if (System.nanoTime() >= due) {
                int index = (int) (sent % publishers.size());
                publish(index, due);
                publishers.get(index).flush();
            } else {
                loop.poll(0);
                LockSupport.parkNanos(50_000);
            }
        }
    }

    private void publish(int index, long due) {
        publishers.get(index).publish(topics.get(index), qos, due, index, ++published[index], size);
        sent++;
    }

    private void arrived(int receiver, long due, int publisher, long number) {
        received++;
        lastArrival = System.nanoTime();
        if (due != 0) {
            latency.record(lastArrival - due);
        }
        if (number <= last[receiver][publisher]) {
            outOfOrder++;
        }
        last[receiver][publisher] = number;
    }

    private boolean stalled() {
        return System.nanoTime() - lastArrival > STALL_NANOS;
    }
}
