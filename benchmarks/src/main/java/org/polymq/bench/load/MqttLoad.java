/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.polymq.bench.Fields;
import org.polymq.bench.ProcStat;

/** The load process for MQTT 3.1.1: the same program for every broker, one thread, plain sockets. */
public final class MqttLoad {
    private final SocketAddress address;
    private final ProcStat broker;

    private MqttLoad(SocketAddress address, ProcStat broker) {
        this.address = address;
        this.broker = broker;
    }

    /**
     * Serves scenarios until standard input ends.
     *
     * @param args the broker's port on loopback, and its process id
     */
    public static void main(String[] args) throws Exception {
        MqttLoad load = new MqttLoad(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])),
                new ProcStat(Long.parseLong(args[1])));
        ScenarioLoop.serve((scenario, settings) -> switch (scenario) {
            case "flow" -> MqttFlow.run(load.address, load.broker, settings);
            case "idle" -> load.idle(settings);
            case "queue" -> load.queue(settings);
            case "drain" -> load.drain(settings);
            default -> throw new IllegalArgumentException("no scenario " + scenario);
        });
    }

    /** Opens {@code connections} with at most {@code pending} unanswered and lets them rest for three seconds. */
    private Fields idle(Fields settings) throws IOException {
        String name = settings.text("topic", "bench");
        int wanted = settings.count("connections", 18_000);
        connectAll(name + "-warm", Math.min(500, wanted), settings);
        long anon = broker.rssAnon();
        long file = broker.rssFile();
        try (MqttLoop loop = new MqttLoop()) {
            Measurement measurement = Measurement.begin(broker);
            connect(loop, name, wanted, settings);
            Fields figures = measurement.end(wanted);
            long rest = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
            while (System.nanoTime() < rest) {
                loop.poll(100);
            }
            return figures.with("conn_anon_kb", kilobytes(broker.rssAnon() - anon, wanted))
                    .with("conn_file_kb", kilobytes(broker.rssFile() - file, wanted));
        }
    }

    private void connectAll(String name, int count, Fields settings) throws IOException {
        try (MqttLoop loop = new MqttLoop()) {
            connect(loop, name, count, settings);
        }
    }

    private void connect(MqttLoop loop, String name, int count, Fields settings) throws IOException {
        int pending = settings.count("pending", 200);
        for (int i = 0; i < count; i++) {
            int opened = i;
            new MqttClient(loop, address, i, name + "-" + i, true);
            loop.poll(0);
            if (opened - loop.connectedCount() >= pending) {
                loop.until("connections are accepted", () -> opened - loop.connectedCount() < pending);
            }
        }
        loop.until("all are connected", () -> loop.connectedCount() == count);
    }

    /** A session subscribes at QoS 1 and leaves; then one publisher sends {@code messages} for it. */
    private Fields queue(Fields settings) throws IOException {
        String name = settings.text("topic", "bench");
        int messages = settings.count("messages", 100_000);
        try (MqttLoop loop = new MqttLoop()) {
            MqttClient session = new MqttClient(loop, address, 0, name, false);
            loop.until("the session is connected", () -> loop.connectedCount() == 1);
            session.subscribe(name, 1);
            loop.until("it has subscribed", () -> loop.subscribedCount() == 1);
            session.disconnect();
            loop.until("it has left", () -> loop.endedCount() == 1);
            MqttClient publisher = new MqttClient(loop, address, 1, name + "-p", true);
            loop.until("the publisher is connected", () -> loop.connectedCount() == 2);
            byte[] topic = name.getBytes(StandardCharsets.UTF_8);
            Measurement measurement = Measurement.begin(broker);
            for (int i = 0; i < messages; ) {
                while (i < messages && publisher.unacknowledged() < settings.count("unacked", 100)) {
                    publisher.publish(topic, 1, 0, 0, i++, settings.count("size", 256));
                }
                publisher.flush();
                loop.poll(5);
            }
            loop.until("all are acknowledged", () -> loop.acknowledgedCount() == messages);
            return measurement.end(messages);
        }
    }

    /** The session comes back, takes all that waits for it, and is removed. */
    private Fields drain(Fields settings) throws IOException {
        String name = settings.text("topic", "bench");
        int messages = settings.count("messages", 100_000);
        BitSet seen = new BitSet(messages);
        long[] counts = new long[2];
        try (MqttLoop loop = new MqttLoop()) {
            loop.listen((receiver, due, publisher, number) -> {
                counts[0]++;
                counts[1] += number < seen.length() ? 1 : 0;
                seen.set((int) number);
            });
            Measurement measurement = Measurement.begin(broker);
            MqttClient session = new MqttClient(loop, address, 0, name, false);
            long before = -1;
            long progress = System.nanoTime();
            while (seen.cardinality() < messages && System.nanoTime() - progress < TimeUnit.SECONDS.toNanos(20)) {
                loop.poll(10);
                if (counts[0] != before) {
                    before = counts[0];
                    progress = System.nanoTime();
                }
            }
            Fields figures = measurement
                    .end(seen.cardinality())
                    .with("missing", messages - seen.cardinality())
                    .with("redelivered", counts[0] - seen.cardinality())
                    .with("out_of_order", counts[1]);
            session.disconnect();
            loop.until("the session has left", () -> loop.endedCount() == 1);
            new MqttClient(loop, address, 0, name, true);
            loop.until("the session is removed", () -> loop.connectedCount() == 2);
            return figures;
        }
    }

    private static String kilobytes(long bytes, int count) {
        return String.format(Locale.ROOT, "%.2f", bytes / 1024.0 / count);
    }
}
