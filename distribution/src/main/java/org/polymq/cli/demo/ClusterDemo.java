/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Three nodes on this machine, with one group or three: one that leads is killed, and no message is lost. */
public final class ClusterDemo implements AutoCloseable {
    private static final int NODES = 3;
    private static final int BEFORE = 100;
    private static final int AFTER = 100;
    private static final long START_SECONDS = 180;
    private static final int HIGHEST_BETWEEN = 65_000;
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final List<String> NAMES = List.of("a", "b", "c");

    private final PrintStream out;
    private final Path directory;
    private final int groups;
    private final List<DemoNode> nodes = new ArrayList<>();
    private final List<List<String>> settings = new ArrayList<>();
    private final ObjectMapper json = new ObjectMapper();

    /**
     * Starts nothing yet.
     *
     * @param directory for the nodes' data
     * @param groups 1 or 3
     */
    public ClusterDemo(PrintStream out, Path directory, int groups) {
        this.groups = groups;
        this.out = out;
        this.directory = directory;
    }

    /** Starts the nodes and waits until one leads. */
    public void start() throws IOException, InterruptedException, DemoFailedException {
        List<Integer> ports = freePorts();
        StringBuilder members = new StringBuilder();
        StringBuilder nameServers = new StringBuilder();
        for (int i = 0; i < NODES; i++) {
            String comma = i == 0 ? "" : ",";
            members.append(comma).append(i + 1).append("@127.0.0.1:").append(ports.get(i));
            nameServers.append(comma).append("127.0.0.1:").append(ports.get(NODES + i));
        }
        for (int i = 0; i < NODES; i++) {
            List<String> node = new ArrayList<>(List.of(
                    "cluster.node=" + (i + 1),
                    "cluster.nodes=" + members,
                    "nameserver.port=" + ports.get(NODES + i),
                    "nameserver.addresses=" + nameServers,
                    "native.port=0",
                    "mqtt.port=0",
                    "mqtt.websocket-port=0",
                    "dashboard.port=0"));
            if (groups > 1) {
                node.add("cluster.groups=" + String.join(",", NAMES.subList(0, groups)));
            }
            settings.add(node);
            nodes.add(startNode(i + 1));
        }
        for (DemoNode each : nodes) {
            each.awaitReady(START_SECONDS);
        }
        awaitLeader();
        show();
    }

    private DemoNode startNode(int number) throws IOException {
        return DemoNode.start(number, directory.resolve("node" + number), settings.get(number - 1), groups);
    }

    /** Sends messages, kills the node that leads the first group, goes on, and looks whether all are there. */
    public void failOver() throws Exception {
        List<DemoLoad> loads = new ArrayList<>();
        try {
            loads.add(new JmsDemoLoad(addresses("native", ",")));
            loads.add(new MqttDemoLoad(List.of(addresses("mqtt", ",").split(",", -1))));
            loads.add(new NativeDemoLoad(addresses("nameserver", ";"), groups));
            for (DemoLoad each : loads) {
                for (int i = 0; i < BEFORE; i++) {
                    each.send(i);
                }
                out.println(BEFORE + " messages sent: " + each.name());
            }
            out.println("each is on two nodes at least");
            DemoNode leader = awaitLeader();
            killUnder(loads, leader);
            for (DemoLoad each : loads) {
                int received = Persistent.until("the arrival of all messages", () -> all(each));
                out.println("all " + received + " messages received: " + each.name());
            }
            nodes.set(leader.number() - 1, startNode(leader.number()));
            nodes.get(leader.number() - 1).awaitReady(START_SECONDS);
            out.println("node " + leader.number() + " is started again, and follows");
        } finally {
            for (DemoLoad each : loads) {
                each.close();
            }
        }
    }

    private void killUnder(List<DemoLoad> loads, DemoNode leader) throws Exception {
        leader.kill();
        long killed = System.nanoTime();
        out.println("node " + leader.number() + ", which led" + (groups == 1 ? "" : " group " + NAMES.get(0))
                + ", is killed (kill -9)");
        List<Thread> sending = new ArrayList<>();
        List<String> failures = new CopyOnWriteArrayList<>();
        for (DemoLoad each : loads) {
            Thread thread = new Thread(() -> goOn(each, killed, failures), "polymq-demo-load");
            thread.start();
            sending.add(thread);
        }
        for (Thread each : sending) {
            each.join();
        }
        if (!failures.isEmpty()) {
            throw new DemoFailedException(String.join("; ", failures));
        }
    }

    private void goOn(DemoLoad load, long killed, List<String> failures) {
        try {
            load.send(BEFORE);
            out.println("the next message is stored " + (System.nanoTime() - killed) / 1_000_000 + " ms later: "
                    + load.name());
            for (int i = BEFORE + 1; i < BEFORE + AFTER; i++) {
                load.send(i);
            }
            out.println(AFTER + " more messages sent: " + load.name());
        } catch (Exception e) {
            failures.add(load.name() + ": " + e.getMessage());
        }
    }

    private static int all(DemoLoad load) throws DemoFailedException {
        int received = load.received().size();
        if (received < BEFORE + AFTER) {
            throw new DemoFailedException("only " + received + " of " + (BEFORE + AFTER) + " came: " + load.name());
        }
        return received;
    }

    /** Of a listener of all nodes; in a cluster of several groups that of the first group. */
    private String addresses(String listener, String separator) {
        return nodes.stream().map(each -> address(each, listener)).collect(Collectors.joining(separator));
    }

    private static String address(DemoNode node, String listener) {
        String alone = node.address(listener);
        return alone.equals("-") ? node.address(listener + "/" + NAMES.get(0)) : alone;
    }

    private void show() {
        for (DemoNode each : nodes) {
            out.printf(
                    "node %d  process %-7d native %-16s mqtt %-16s dashboard http://%s%n",
                    each.number(),
                    each.pid(),
                    address(each, "native"),
                    each.address("mqtt"),
                    address(each, "dashboard"));
        }
    }

    private DemoNode awaitLeader() throws InterruptedException, DemoFailedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < end) {
            Optional<DemoNode> leader = nodes.stream()
                    .filter(DemoNode::isAlive)
                    .filter(each -> status(each).path("role").asText().equals("leader"))
                    .max(Comparator.comparingLong(
                            each -> status(each).path("term").asLong()));
            if (leader.isPresent()) {
                return leader.get();
            }
            Thread.sleep(50);
        }
        throw new DemoFailedException("no node leads");
    }

    private JsonNode status(DemoNode node) {
        try (var in = URI.create("http://" + address(node, "dashboard") + "/api/v1/cluster")
                .toURL()
                .openStream()) {
            return json.readTree(in);
        } catch (IOException notYet) {
            return json.createObjectNode();
        }
    }

    /** For each node the port between nodes, with those of its other groups 10 apart, then that of its name server. */
    private List<Integer> freePorts() throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        List<Integer> between = new ArrayList<>();
        List<Integer> nameServers = new ArrayList<>();
        try {
            while (between.size() < NODES) {
                int port = hold(held, 0);
                boolean free = port < HIGHEST_BETWEEN;
                for (int slot = 1; free && slot < groups; slot++) {
                    free = hold(held, port + slot * 10) != 0;
                }
                if (free) {
                    between.add(port);
                }
            }
            while (nameServers.size() < NODES) {
                nameServers.add(hold(held, 0));
            }
        } finally {
            for (ServerSocket each : held) {
                each.close();
            }
        }
        between.addAll(nameServers);
        return between;
    }

    private static int hold(List<ServerSocket> held, int port) throws IOException {
        try {
            ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            held.add(socket);
            return socket.getLocalPort();
        } catch (BindException taken) {
            return 0;
        }
    }

    @Override
    public void close() {
        nodes.forEach(DemoNode::close);
    }
}
