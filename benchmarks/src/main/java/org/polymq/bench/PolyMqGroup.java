/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * PolyMQ as a group of three nodes, each a process, with default settings.
 *
 * @param name how the tables call it
 * @param settings more {@code --set} options for each node
 */
record PolyMqGroup(String name, List<String> settings) implements BrokerKind {
    private static final int NODES = 3;
    /** Of one node; the port two below that of RocketMQ's clients is taken too. */
    private static final int PORTS = 6;

    private static final int CLUSTER = 1;
    private static final int NATIVE = 4;
    private static final int DASHBOARD = 5;
    private static final long LOOK_MILLIS = 50;

    @Override
    public boolean stores() {
        return true;
    }

    @Override
    public Running start(Layout layout, Path directory) throws IOException, InterruptedException {
        long start = System.nanoTime();
        int base = FreePorts.block(NODES * PORTS);
        String nameServers = addresses(base);
        List<Child> children = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            Path home = Files.createDirectories(directory.resolve("node" + (node + 1)));
            children.add(Child.start(home.resolve("polymq.log"), command(layout, home, base, node, nameServers)));
        }
        for (Child each : children) {
            each.await(READY, "PolyMQ ready");
        }
        HttpClient http = HttpClient.newHttpClient();
        for (int node = 0; node < NODES; node++) {
            awaitLeader(http, base + node * PORTS + DASHBOARD);
        }
        return new Running(
                children.get(0), children.subList(1, NODES), nameServers, (System.nanoTime() - start) / 1_000_000);
    }

    private static String addresses(int base) {
        return IntStream.range(0, NODES)
                .mapToObj(node -> "127.0.0.1:" + (base + node * PORTS))
                .collect(Collectors.joining(";"));
    }

    private List<String> command(Layout layout, Path home, int base, int node, String nameServers) {
        int first = base + node * PORTS;
        String members = IntStream.range(0, NODES)
                .mapToObj(each -> (each + 1) + "@127.0.0.1:" + (base + each * PORTS + CLUSTER))
                .collect(Collectors.joining(","));
        List<String> sets = new ArrayList<>(List.of(
                "nameserver.port=" + first,
                "nameserver.addresses=" + nameServers.replace(';', ','),
                "native.port=" + (first + NATIVE),
                "mqtt.port=0",
                "mqtt.websocket-port=0",
                "dashboard.port=" + (first + DASHBOARD),
                "cluster.node=" + (node + 1),
                "cluster.nodes=" + members));
        sets.addAll(settings);
        List<String> command = new ArrayList<>(List.of(
                layout.root().resolve("bin/polymq").toString(),
                "start",
                "--cluster",
                "--data",
                home.resolve("data").toString()));
        sets.forEach(each -> command.addAll(List.of("--set", each)));
        return command;
    }

    /** Waits until a node knows the one that leads. */
    private static void awaitLeader(HttpClient http, int port) throws IOException, InterruptedException {
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                .timeout(Duration.ofSeconds(10))
                .build();
        long end = System.nanoTime() + READY.toNanos();
        while (http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("no node of the group leads after " + READY);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }
}
