/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Queue;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.polymq.jms.PolyMQConnectionFactory;

/** Three nodes on this machine: one of them leads, is killed, and another goes on with every message. */
public final class ClusterDemo implements AutoCloseable {
    private static final int NODES = 3;
    private static final int BEFORE = 100;
    private static final int AFTER = 100;
    private static final long START_SECONDS = 60;
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final String QUEUE = "demo";

    private final PrintStream out;
    private final Path directory;
    private final List<DemoNode> nodes = new ArrayList<>();
    private final List<List<String>> settings = new ArrayList<>();
    private final ObjectMapper json = new ObjectMapper();

    /** @param directory for the nodes' data */
    public ClusterDemo(PrintStream out, Path directory) {
        this.out = out;
        this.directory = directory;
    }

    /** Starts the nodes and waits until one leads. */
    public void start() throws IOException, InterruptedException, DemoFailedException {
        List<Integer> ports = freePorts(2 * NODES);
        StringBuilder members = new StringBuilder();
        StringBuilder nameServers = new StringBuilder();
        for (int i = 0; i < NODES; i++) {
            String comma = i == 0 ? "" : ",";
            members.append(comma).append(i + 1).append("@127.0.0.1:").append(ports.get(i));
            nameServers.append(comma).append("127.0.0.1:").append(ports.get(NODES + i));
        }
        for (int i = 0; i < NODES; i++) {
            settings.add(List.of(
                    "cluster.node=" + (i + 1),
                    "cluster.nodes=" + members,
                    "nameserver.port=" + ports.get(NODES + i),
                    "nameserver.addresses=" + nameServers,
                    "native.port=0",
                    "mqtt.port=0",
                    "mqtt.websocket-port=0",
                    "dashboard.port=0"));
            nodes.add(startNode(i + 1));
        }
        for (DemoNode each : nodes) {
            each.awaitReady(START_SECONDS);
        }
        awaitLeader();
        show();
    }

    private DemoNode startNode(int number) throws IOException {
        return DemoNode.start(number, directory.resolve("node" + number), settings.get(number - 1));
    }

    /** Sends messages, kills the node that leads, goes on, and looks whether all are there. */
    public void failOver() throws IOException, InterruptedException, DemoFailedException {
        ConnectionFactory factory = new PolyMQConnectionFactory(
                "polymq://" + nodes.stream().map(each -> each.address("native")).collect(Collectors.joining(",")));
        try (JMSContext context = factory.createContext()) {
            Queue queue = context.createQueue(QUEUE);
            for (int i = 0; i < BEFORE; i++) {
                context.createProducer().send(queue, Integer.toString(i));
            }
            out.println(BEFORE + " messages sent to queue '" + QUEUE + "'; each is on two nodes at least");
            DemoNode leader = awaitLeader();
            leader.kill();
            long killed = System.nanoTime();
            out.println("node " + leader.number() + ", which led, is killed (kill -9)");
            for (int i = BEFORE; i < BEFORE + AFTER; i++) {
                send(context, queue, Integer.toString(i));
                if (i == BEFORE) {
                    out.println("the next message is stored " + (System.nanoTime() - killed) / 1_000_000
                            + " ms later: node " + awaitLeader().number() + " leads");
                }
            }
            out.println(AFTER + " more messages sent");
            Set<Integer> received = receive(factory);
            if (received.size() < BEFORE + AFTER) {
                throw new DemoFailedException("only " + received.size() + " of " + (BEFORE + AFTER) + " came back");
            }
            out.println("all " + received.size() + " messages received");
            nodes.set(leader.number() - 1, startNode(leader.number()));
            nodes.get(leader.number() - 1).awaitReady(START_SECONDS);
            out.println("node " + leader.number() + " is started again, and follows");
        }
    }

    private static void send(JMSContext context, Queue queue, String text) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                context.createProducer().send(queue, text);
                return;
            } catch (JMSRuntimeException noLeaderYet) {
                if (System.nanoTime() > end) {
                    throw noLeaderYet;
                }
                Thread.sleep(50);
            }
        }
    }

    private static Set<Integer> receive(ConnectionFactory factory) {
        Set<Integer> received = new TreeSet<>();
        try (JMSContext context = factory.createContext()) {
            var consumer = context.createConsumer(context.createQueue(QUEUE));
            for (String text = consumer.receiveBody(String.class, 5_000);
                    text != null;
                    text = received.size() < BEFORE + AFTER ? consumer.receiveBody(String.class, 5_000) : null) {
                received.add(Integer.parseInt(text));
            }
        }
        return received;
    }

    private void show() {
        for (DemoNode each : nodes) {
            out.printf(
                    "node %d  process %-7d native %-16s mqtt %-16s dashboard http://%s%n",
                    each.number(), each.pid(), each.address("native"), each.address("mqtt"), each.address("dashboard"));
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
        try (var in = URI.create("http://" + node.address("dashboard") + "/api/v1/cluster")
                .toURL()
                .openStream()) {
            return json.readTree(in);
        } catch (IOException notYet) {
            return json.createObjectNode();
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                held.add(socket);
                ports.add(socket.getLocalPort());
            }
        } finally {
            for (ServerSocket each : held) {
                each.close();
            }
        }
        return ports;
    }

    @Override
    public void close() {
        nodes.forEach(DemoNode::close);
    }
}
