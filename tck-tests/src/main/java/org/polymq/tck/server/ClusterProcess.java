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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.FixedPorts;

/** A group of {@code bin/polymq start --cluster} processes on one machine. Used by one thread at a time. */
public final class ClusterProcess implements AutoCloseable {
    private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\":(\\d+)");
    private static final Duration ASKED = Duration.ofSeconds(2);

    private final List<BrokerProcess> nodes = new ArrayList<>();
    private final List<String> replication = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ASKED).build();

    private ClusterProcess() {}

    /** Nodes that are not started yet, each in its own directory, on ports that stay. */
    public static ClusterProcess in(Path directory, int count) throws IOException {
        return in(directory, count, null);
    }

    /** The same, each in a network namespace of its own if there is a network. */
    public static ClusterProcess in(Path directory, int count, @Nullable NodeNetwork network) throws IOException {
        ClusterProcess cluster = new ClusterProcess();
        for (int i = 0; i < count; i++) {
            BrokerProcess node = BrokerProcess.in(Files.createDirectories(directory.resolve("node" + (i + 1))))
                    .onFixedPorts();
            String host = "127.0.0.1";
            if (network != null) {
                host = network.address(i);
                node.at(host, network.enter(i));
            }
            cluster.nodes.add(node);
            cluster.replication.add(host + ":" + new FixedPorts().block(1));
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
        return cluster;
    }

    /** The same setting for the following starts of all nodes. */
    public ClusterProcess with(String key, Object value) {
        nodes.forEach(each -> each.with(key, value));
        return this;
    }

    /** Starts all, and waits until one leads. */
    public void start(Duration patience) throws IOException, InterruptedException {
        for (BrokerProcess each : nodes) {
            each.start();
        }
        awaitLeader(patience);
    }

    /** A node by its place, from 0. */
    public BrokerProcess node(int place) {
        return nodes.get(place);
    }

    public int size() {
        return nodes.size();
    }

    /** Where a node listens for the others, {@code host:port}. */
    public String replication(int place) {
        return replication.get(place);
    }

    /** The place of the node that leads, of those that answer; the one of the newest term. */
    public OptionalInt leader() {
        OptionalInt found = OptionalInt.empty();
        long newest = -1;
        for (int i = 0; i < nodes.size(); i++) {
            Map<String, Long> status = status(i);
            if (status.getOrDefault("leads", 0L) == 1 && status.getOrDefault("term", 0L) > newest) {
                newest = status.getOrDefault("term", 0L);
                found = OptionalInt.of(i);
            }
        }
        return found;
    }

    /** Waits until a node leads; answers its place. */
    public int awaitLeader(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < end) {
            OptionalInt leader = leader();
            if (leader.isPresent()) {
                return leader.getAsInt();
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException("no node leads after " + patience);
    }

    /** The numbers of a node's own status, and {@code leads}; empty if it does not answer. */
    public Map<String, Long> status(int place) {
        Map<String, Long> numbers = new TreeMap<>();
        if (!nodes.get(place).isAlive()) {
            return numbers;
        }
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + nodes.get(place).address("dashboard.port") + "/api/v1/cluster"))
                .timeout(ASKED)
                .build();
        try {
            String body =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
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

    /** Whether all nodes have and have applied the same entries. */
    public boolean isLevel() {
        List<List<Long>> ends = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Map<String, Long> status = status(i);
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

    /** The MQTT ports. */
    public List<String> mqtt() {
        return nodes.stream().map(each -> each.address("mqtt.port")).toList();
    }

    /** The checksum of each segment of a stopped node, to its last byte that is not zero. */
    public Map<String, Long> checksums(int place) throws IOException {
        Map<String, Long> sums = new TreeMap<>();
        try (Stream<Path> files = Files.list(nodes.get(place).data())) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".segment")).toList()) {
                sums.put(file.getFileName().toString(), checksum(file));
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
        nodes.forEach(BrokerProcess::close);
    }
}
