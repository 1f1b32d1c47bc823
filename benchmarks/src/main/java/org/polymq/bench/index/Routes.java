/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.index;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.header.RegisterBrokerHeader;

/**
 * Brokers and clients of a large cluster, as one name server meets them: every broker registers its topics over a
 * connection of its own and says that it is alive, clients ask for routes.
 *
 * @param brokers groups that register
 * @param topics of all of them together
 * @param spread how many groups serve each topic
 * @param lookups routes that are asked for
 */
public record Routes(int brokers, int topics, int spread, int lookups) {
    private static final int QUEUES = 8;

    /**
     * Runs it against the name server at this port of the loopback.
     *
     * @param cpuMicros processor time that the name server has used
     */
    public void run(int port, LongSupplier cpuMicros, PrintStream out) throws IOException {
        List<NameServerPeer> connections = new ArrayList<>();
        try {
            Meter meter = new Meter(cpuMicros, out);
            for (int broker = 0; broker < brokers; broker++) {
                NameServerPeer connection = new NameServerPeer(port);
                connections.add(connection);
                meter.time(() -> connection.ask(
                        RequestCode.REGISTER_BROKER, header(connections.size() - 1), body(connections.size() - 1)));
            }
            meter.print("registrations");
            for (int broker = 0; broker < brokers; broker++) {
                NameServerPeer connection = connections.get(broker);
                ExtFields identity = header(broker);
                meter.time(() -> connection.ask(
                        RequestCode.QUERY_DATA_VERSION, identity, version().encode()));
            }
            meter.print("signs of life");
            Random random = new Random(1);
            NameServerPeer client = connections.get(0);
            for (int i = 0; i < lookups; i++) {
                ExtFields topic = new ExtFields().with("topic", name(random.nextInt(topics)));
                meter.time(() -> client.ask(RequestCode.GET_ROUTEINFO_BY_TOPIC, topic, new byte[0]));
            }
            meter.print("routes");
            for (int broker = 0; broker < Math.min(20, brokers); broker++) {
                int again = broker;
                meter.time(() -> connections.get(again).ask(RequestCode.REGISTER_BROKER, header(again), body(again)));
            }
            meter.print("registrations again");
        } finally {
            for (NameServerPeer connection : connections) {
                connection.close();
            }
        }
    }

    private static DataVersion version() {
        return new DataVersion(0, 1, 1);
    }

    private static String name(int topic) {
        return "orders-" + topic;
    }

    private static ExtFields header(int broker) {
        String name = "broker-" + broker;
        String address = "10." + (broker >> 16) + "." + (broker >> 8 & 255) + "." + (broker & 255) + ":10911";
        return new RegisterBrokerHeader(name, address, "large", address, 0, 3_600_000, false, true, 0).toFields();
    }

    /** A topic is on as many neighbouring groups as the spread says. */
    private byte[] body(int broker) {
        Map<String, TopicConfig> served = new HashMap<>();
        for (int near = 0; near < spread; near++) {
            for (int topic = Math.floorMod(broker - near, brokers); topic < topics; topic += brokers) {
                served.put(
                        name(topic),
                        new TopicConfig(name(topic), QUEUES, QUEUES, TopicConfig.PERM_READ_WRITE, 0, false));
            }
        }
        return new RegisterBrokerBody(version(), served, List.of()).encode(true);
    }

    private interface Ask {
        int ask() throws IOException;
    }

    /** Times requests of one kind. */
    private static final class Meter {
        private final LongSupplier cpuMicros;
        private final PrintStream out;
        private final List<Long> nanos = new ArrayList<>();
        private long bytes;
        private long cpuBefore;

        Meter(LongSupplier cpuMicros, PrintStream out) {
            this.cpuMicros = cpuMicros;
            this.out = out;
            this.cpuBefore = cpuMicros.getAsLong();
        }

        void time(Ask ask) throws IOException {
            long start = System.nanoTime();
            bytes += ask.ask();
            nanos.add(System.nanoTime() - start);
        }

        void print(String what) {
            long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            long cpu = cpuMicros.getAsLong();
            out.printf(
                    "%d %s: p50 %.2f ms, p99 %.2f ms, max %.2f ms; name server %.1f us of processor time each; answers of %d bytes%n",
                    sorted.length,
                    what,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[sorted.length * 99 / 100] / 1e6,
                    Arrays.stream(sorted).max().orElse(0) / 1e6,
                    (double) (cpu - cpuBefore) / sorted.length,
                    bytes / sorted.length);
            nanos.clear();
            bytes = 0;
            cpuBefore = cpu;
        }
    }
}
