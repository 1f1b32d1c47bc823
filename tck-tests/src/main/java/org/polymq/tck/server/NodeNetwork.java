/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * A network namespace for each node and a router between them, so that nodes can be cut off from each other, both ways
 * or one way, while clients reach them all. Linux only, and only for root. Used by one thread.
 *
 * <pre>
 *   clients (this machine) ---- router ---- node 1
 *                                  |------- node 2     what goes from node to node passes the router's FORWARD chain
 *                                  `------- node 3
 * </pre>
 *
 * A node binds its own loopback address as everywhere; what comes to its address outside is handed to that. Each
 * namespace lives as long as a process that reads from this one, so all are gone when this process is, however it ends.
 */
public final class NodeNetwork implements AutoCloseable {
    private final String prefix;
    private final List<Process> holders = new ArrayList<>();

    private NodeNetwork(String prefix) {
        this.prefix = prefix;
    }

    /** Why there can be none here; empty if there can. */
    public static Optional<String> impossible() throws InterruptedException {
        for (String program : List.of("ip", "iptables", "unshare", "nsenter")) {
            if (Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                    .noneMatch(directory -> new File(directory, program).canExecute())) {
                return Optional.of("there is no " + program + " (Debian: iproute2, iptables, util-linux)");
            }
        }
        try (NodeNetwork probe = of(1)) {
            probe.cut(0, 0);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("network namespaces cannot be made: " + e.getMessage());
        }
    }

    /** Makes one for so many nodes. */
    public static NodeNetwork of(int nodes) throws IOException, InterruptedException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        NodeNetwork network = new NodeNetwork("10." + random.nextInt(60, 250) + "." + random.nextInt(250) + ".");
        try {
            network.open(nodes);
            return network;
        } catch (IOException | InterruptedException e) {
            network.close();
            throw e;
        }
    }

    private void open(int nodes) throws IOException, InterruptedException {
        long router = hold();
        String outside = "pmq" + router;
        run(List.of(), "ip link add " + outside + " type veth peer name out netns " + router);
        run(List.of(), "ip addr add " + prefix + "241/30 dev " + outside + " && ip link set " + outside + " up");
        run(List.of(), "ip route add " + prefix + "0/25 via " + prefix + "242");
        run(
                enter(router),
                "ip link set lo up && ip addr add " + prefix + "242/30 dev out && ip link set out up"
                        + " && sysctl -qw net.ipv4.ip_forward=1");
        for (int node = 0; node < nodes; node++) {
            long holder = hold();
            String gateway = prefix + (4 * node + 1);
            run(
                    enter(router),
                    "ip link add n" + node + " type veth peer name eth0 netns " + holder + " && ip addr add " + gateway
                            + "/30 dev n" + node + " && ip link set n" + node + " up");
            run(
                    enter(holder),
                    "ip link set lo up && ip addr add " + address(node) + "/30 dev eth0"
                            + " && ip link set eth0 up && ip route add default via " + gateway
                            + " && sysctl -qw net.ipv4.conf.all.route_localnet=1"
                            + " && iptables -t nat -A PREROUTING -i eth0 -p tcp -j DNAT --to-destination 127.0.0.1"
                            + " && iptables -t nat -A OUTPUT -d " + address(node)
                            + " -p tcp -j DNAT --to-destination 127.0.0.1");
        }
    }

    private long hold() throws IOException {
        Process holder = new ProcessBuilder("unshare", "-n", "sh", "-c", "echo ready; exec cat").start();
        holders.add(holder);
        if (holder.getInputStream().read() < 0) {
            throw new IOException("unshare -n failed: " + text(holder.getErrorStream()));
        }
        return holder.pid();
    }

    /** A node's address for clients and other nodes. */
    public String address(int node) {
        return prefix + (4 * node + 2);
    }

    /** What a command begins with to run where a node does. */
    public List<String> enter(int node) {
        return enter(holders.get(node + 1).pid());
    }

    private static List<String> enter(long holder) {
        return List.of("nsenter", "-t", Long.toString(holder), "-n");
    }

    /** From now on nothing comes from one node to another; the other way it does. */
    public void cut(int from, int to) throws IOException, InterruptedException {
        run(enter(holders.get(0).pid()), "iptables -A FORWARD -s " + address(from) + " -d " + address(to) + " -j DROP");
    }

    /** Everything comes through again. */
    public void heal() throws IOException, InterruptedException {
        run(enter(holders.get(0).pid()), "iptables -F FORWARD");
    }

    private static void run(List<String> where, String command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(where);
        all.addAll(List.of("sh", "-c", command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = text(process.getInputStream());
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said.strip());
        }
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        holders.forEach(Process::destroy);
    }
}
