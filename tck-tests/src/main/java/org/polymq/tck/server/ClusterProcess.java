/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.FixedPorts;

/**
 * A cluster of {@code bin/polymq start --cluster} processes on one machine, with one group or several. A slot is a
 * group's place, 0 in a cluster of one. Used by one thread at a time.
 */
public final class ClusterProcess implements AutoCloseable {
    private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\":(\\d+)");
    private static final Duration ASKED = Duration.ofSeconds(2);

    private final List<BrokerProcess> nodes = new ArrayList<>();
    private final List<BrokerProcess> gateways = new ArrayList<>();
    private final List<String> replication = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ASKED).build();

    private final List<String> groups;
    /** Whether the nodes know their groups by name: then each has a directory of its own, also a single one. */
    private boolean named;

    private ClusterProcess(List<String> groups) {
        this.groups = List.copyOf(groups);
    }

    /** Nodes that are not started yet, each in its own directory, on ports that stay. */
    public static ClusterProcess in(Path directory, int count) throws IOException {
        return in(directory, count, null);
    }

    /** The same, each in a network namespace of its own if there is a network. */
    public static ClusterProcess in(Path directory, int count, @Nullable NodeNetwork network) throws IOException {
        return in(directory, count, network, 1);
    }

    /** The same with several groups, named a, b, c and so on. */
    public static ClusterProcess in(Path directory, int count, @Nullable NodeNetwork network, int groups)
            throws IOException {
        List<String> names = IntStream.range(0, groups)
                .mapToObj(slot -> Character.toString('a' + slot))
                .toList();
        ClusterProcess cluster = new ClusterProcess(names);
        for (int i = 0; i < count; i++) {
            BrokerProcess node = BrokerProcess.in(Files.createDirectories(directory.resolve("node" + (i + 1))))
                    .onFixedPorts(groups);
            String host = "127.0.0.1";
            if (network != null) {
                host = network.address(i);
                node.at(host, network.enter(i));
            }
            cluster.nodes.add(node);
            cluster.replication.add(host + ":" + new FixedPorts().block(1 + (groups - 1) * 10));
        }
        String members = IntStream.range(0, count)
                .mapToObj(i -> (i + 1) + "@" + cluster.replication.get(i))
                .collect(Collectors.joining(","));
        String nameServers = cluster.nodes.stream()
                .map(each -> each.address("nameserver.port"))
                .collect(Collectors.joining(","));
        for (int i = 0; i < count; i++) {
            cluster.nodes
                    .get(i)
                    .with("cluster.enabled", "true")
                    .with("cluster.node", i + 1)
                    .with("cluster.nodes", members)
                    .with("nameserver.addresses", nameServers);
        }
        if (groups > 1) {
            cluster.name(network == null ? count : 1);
        }
        return cluster;
    }

    /**
     * The same on one network, with one group or several, and with gateways beside the nodes.
     *
     * @param gateways how many
     */
    public static ClusterProcess withGateways(Path directory, int count, int groups, int gateways) throws IOException {
        ClusterProcess cluster = in(directory, count, null, groups);
        int grid = cluster.name(count + gateways);
        BrokerProcess node = cluster.nodes.get(0);
        for (int i = 0; i < gateways; i++) {
            BrokerProcess gateway = BrokerProcess.in(Files.createDirectories(directory.resolve("gateway" + (i + 1))))
                    .onFixedPorts()
                    .with("cluster.role", "gateway")
                    .with("cluster.hazelcast-port", grid + count + i)
                    .with("cluster.grid-members", "127.0.0.1:" + grid);
            for (String key : List.of("cluster.enabled", "cluster.nodes", "cluster.groups")) {
                gateway.with(key, node.setting(key));
            }
            cluster.gateways.add(gateway);
        }
        return cluster;
    }

    /**
     * Names the groups, and gives the grid ports that no other cluster of this machine has.
     *
     * @param ports how many
     * @return the first of them
     */
    private int name(int ports) throws IOException {
        named = true;
        int first = new FixedPorts().block(ports);
        with("cluster.groups", String.join(",", groups));
        with("cluster.hazelcast-port", first);
        return first;
    }

    /** The same setting for the following starts of all nodes. */
    public ClusterProcess with(String key, Object value) {
        nodes.forEach(each -> each.with(key, value));
        return this;
    }

    /** Gives the following starts of all nodes a heap of so much, such as {@code 80m}. */
    public ClusterProcess withHeap(String size) {
        nodes.forEach(each -> each.withHeap(size));
        return this;
    }

    /** Starts all, and waits until each group is led, of several each by another node if there are enough. */
    public void start(Duration patience) throws IOException, InterruptedException {
        for (BrokerProcess each : nodes) {
            each.start();
        }
        for (int slot = 0; slot < groups.size(); slot++) {
            awaitLeader(slot, patience);
        }
        if (groups.size() > 1) {
            await("the leads are spread", patience, this::isSpread);
        }
        for (BrokerProcess each : gateways) {
            each.startGateway();
        }
    }

    private boolean isSpread() {
        return IntStream.range(0, groups.size()).allMatch(slot -> leader(slot).orElse(-1) == slot % nodes.size());
    }

    /** How many groups. */
    public int groups() {
        return groups.size();
    }

    /** A node by its place, from 0. */
    public BrokerProcess node(int place) {
        return nodes.get(place);
    }

    public int size() {
        return nodes.size();
    }

    /** The MQTT ports of the gateways without a log, in their order. */
    public List<String> gatewaysMqtt() {
        return mqtt(gateways);
    }

    /** Kills one of the gateways by its place, from 0. */
    public void killGateway(int place) throws InterruptedException {
        gateways.get(place).kill();
    }

    /** Where a node listens for the others, {@code host:port}. */
    public String replication(int place) {
        return replication.get(place);
    }

    /** The place of the node that leads, of those that answer; the one of the newest term. */
    public OptionalInt leader() {
        return leader(0);
    }

    /** The same of a group by its slot. */
    public OptionalInt leader(int slot) {
        OptionalInt found = OptionalInt.empty();
        long newest = -1;
        for (int i = 0; i < nodes.size(); i++) {
            Map<String, Long> status = status(i, slot);
            if (status.getOrDefault("leads", 0L) == 1 && status.getOrDefault("term", 0L) > newest) {
                newest = status.getOrDefault("term", 0L);
                found = OptionalInt.of(i);
            }
        }
        return found;
    }

    /** Waits until a node leads; answers its place. */
    public int awaitLeader(Duration patience) throws InterruptedException {
        return awaitLeader(0, patience);
    }

    /** The same of a group by its slot. */
    public int awaitLeader(int slot, Duration patience) throws InterruptedException {
        AtomicInteger place = new AtomicInteger(-1);
        await("a node leads", patience, () -> {
            place.set(leader(slot).orElse(-1));
            return place.get() >= 0;
        });
        return place.get();
    }

    private static void await(String what, Duration patience, BooleanSupplier is) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!is.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not yet after " + patience + ": " + what);
            }
            Thread.sleep(50);
        }
    }

    /** The numbers of a node's own status, and {@code leads}; empty if it does not answer. */
    public Map<String, Long> status(int place) {
        return status(place, 0);
    }

    /** The same in a group by its slot. */
    public Map<String, Long> status(int place, int slot) {
        Map<String, Long> numbers = new TreeMap<>();
        if (!nodes.get(place).isAlive()) {
            return numbers;
        }
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + nodes.get(place).address("dashboard.port", slot) + "/api/v1/cluster"))
                .timeout(ASKED)
                .build();
        try {
            String body =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            int others = body.indexOf("\"groups\""); // how the other groups are comes behind its own state
            body = others < 0 ? body : body.substring(0, others);
            Matcher matcher = NUMBER.matcher(body);
            while (matcher.find()) {
                numbers.put(matcher.group(1), Long.parseLong(matcher.group(2)));
            }
            numbers.put("leads", body.contains("\"role\":\"leader\"") ? 1L : 0L);
        } catch (IOException silent) {
            numbers.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return numbers;
    }

    /** Whether all nodes have and have applied the same entries, of all groups. */
    public boolean isLevel() {
        return IntStream.range(0, groups.size()).allMatch(this::isLevel);
    }

    private boolean isLevel(int slot) {
        List<List<Long>> ends = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Map<String, Long> status = status(i, slot);
            if (!status.containsKey("lastEntry")) {
                return false;
            }
            ends.add(List.of(status.get("lastEntry"), status.get("logEnd")));
        }
        return ends.stream().distinct().count() == 1;
    }

    /** Where clients of the whole group connect; MQTT through the relay. */
    public Endpoints endpoints(Relay mqtt) {
        return new Endpoints(
                nodes.stream().map(each -> each.address("nameserver.port")).collect(Collectors.joining(";")),
                nodes.stream().map(each -> each.address("native.port")).collect(Collectors.joining(",")),
                mqtt.address(),
                nodes.get(0).address("mqtt.websocket-port"),
                nodes.get(0).address("dashboard.port"));
    }

    /** Where RocketMQ's clients find the whole cluster, with all else of one node. */
    public Endpoints endpoints(int place) {
        Endpoints own = nodes.get(place).endpoints();
        return new Endpoints(
                nodes.stream().map(each -> each.address("nameserver.port")).collect(Collectors.joining(";")),
                nodes.stream().map(each -> each.address("native.port")).collect(Collectors.joining(",")),
                own.mqtt(),
                own.webSocket(),
                own.dashboard());
    }

    /** The MQTT ports. */
    public List<String> mqtt() {
        return mqtt(nodes);
    }

    private static List<String> mqtt(List<BrokerProcess> processes) {
        return processes.stream().map(each -> each.address("mqtt.port")).toList();
    }

    /** The checksum of each segment of a stopped node, to its last byte that is not zero, by its path. */
    public Map<String, Long> checksums(int place) throws IOException {
        Map<String, Long> sums = new TreeMap<>();
        Path data = nodes.get(place).data();
        for (String group : groups) {
            Path log = named ? data.resolve("groups").resolve(group) : data;
            try (Stream<Path> files = Files.list(log)) {
                for (Path file : files.filter(each -> each.toString().endsWith(".segment"))
                        .toList()) {
                    sums.put(data.relativize(file).toString(), checksum(file));
                }
            }
        }
        return sums;
    }

    private static long checksum(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            int end = bytes.limit();
            while (end > 0 && bytes.get(end - 1) == 0) {
                end--;
            }
            CRC32C crc = new CRC32C();
            crc.update(bytes.limit(end));
            return crc.getValue() << 32 | end;
        }
    }

    @Override
    public void close() {
        gateways.forEach(BrokerProcess::close);
        nodes.forEach(BrokerProcess::close);
    }
}
