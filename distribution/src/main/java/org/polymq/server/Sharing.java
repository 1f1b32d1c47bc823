/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.polymq.broker.cluster.NodePresence;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.config.ClusterConfig;
import org.polymq.broker.config.ClusterConfig.Node;
import org.polymq.broker.config.GridConfig;
import org.polymq.broker.config.ServerConfig;
import org.polymq.grid.GridSettings;
import org.polymq.grid.GridState;

/**
 * What this process shares live with the other nodes of its cluster: one for all its groups and its gateways. A single
 * node or group shares nothing, and loads nothing of the grid.
 */
final class Sharing implements AutoCloseable {
    private final ServerConfig config;
    private final InstantSource clock;
    private final SharedState state;
    private final Optional<GridState> grid;

    private Sharing(ServerConfig config, InstantSource clock, SharedState state, Optional<GridState> grid) {
        this.config = config;
        this.clock = clock;
        this.state = state;
        this.grid = grid;
    }

    /**
     * Alone until {@link #begin}.
     *
     * @param config of the process, not of one of its groups
     * @throws org.polymq.broker.config.ConfigException if others than nodes could reach the grid, and nobody has said
     *     that they cannot
     */
    static Sharing open(ServerConfig config, MeterRegistry registry, InstantSource clock) {
        int perUser = config.limits().connectionsPerUser();
        if (isOfCluster(config.cluster()) && config.grid().use() != GridConfig.Use.OFF) {
            GridState grid = new GridState(settings(config), perUser, clock, registry);
            return new Sharing(config, clock, grid, Optional.of(grid));
        }
        return new Sharing(config, clock, SharedState.alone(perUser, clock), Optional.empty());
    }

    private static boolean isOfCluster(ClusterConfig cluster) {
        return cluster.enabled() && (cluster.groups().size() > 1 || cluster.role() == ClusterConfig.Role.GATEWAY);
    }

    private static GridSettings settings(ServerConfig config) {
        List<Node> nodes = config.cluster().nodes();
        Optional<Node> self = config.cluster().role() == ClusterConfig.Role.GATEWAY
                ? Optional.empty()
                : Optional.of(config.cluster().self());
        String host = self.map(Node::host).orElse(config.remoting().advertise().getHostAddress());
        int port = config.grid().portOf(nodes, self, host);
        InetAddress bind = bind(config.bind(), host);
        config.grid().check(bind.isLoopbackAddress(), config.security().plaintext());
        return new GridSettings(
                name(config),
                new InetSocketAddress(bind, port),
                host + ":" + port,
                config.grid().members(nodes).stream()
                        .map(GridConfig.Member::toString)
                        .toList(),
                GridSettings.Pace.STANDARD);
    }

    /** With where its first node is, so that clusters of one name that find each other stay apart. */
    private static String name(ServerConfig config) {
        return config.cluster().nodes().stream()
                .min(Comparator.comparingInt(Node::number))
                .map(first -> config.clusterName() + " of " + first)
                .orElse(config.clusterName());
    }

    /** The one interface by which the others reach this node, if it is this machine's; else that of all listeners. */
    private static InetAddress bind(InetAddress bind, String host) {
        if (!bind.isAnyLocalAddress()) {
            return bind;
        }
        try {
            InetAddress own = InetAddress.getByName(host);
            return NetworkInterface.getByInetAddress(own) == null ? bind : own;
        } catch (UnknownHostException | SocketException e) {
            return bind;
        }
    }

    SharedState state() {
        return state;
    }

    /** Whether there is a grid. */
    boolean isShared() {
        return grid.isPresent();
    }

    /** Client connections of all other nodes. */
    long connectionsElsewhere() {
        return state.presence().connectionsElsewhere();
    }

    /**
     * Has the others know how this process is, in the background. Once, when clients are served: they do not wait for
     * it.
     *
     * @param connections client connections that are open
     * @param lines its listeners
     */
    void begin(IntSupplier connections, Supplier<List<ReadyLines.Line>> lines) {
        long since = clock.millis();
        String host = config.remoting().advertise().getHostAddress();
        String name = config.cluster().role() == ClusterConfig.Role.GATEWAY
                ? "gateway " + host
                : Integer.toString(config.cluster().node());
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        state.presence()
                .say(() -> new NodePresence(
                        name,
                        lines.get().stream()
                                .map(line -> line.name() + " " + host + ":"
                                        + line.address().getPort())
                                .toList(),
                        connections.getAsInt(),
                        system.getProcessCpuLoad(),
                        since));
        grid.ifPresent(GridState::start);
    }

    @Override
    public void close() {
        state.close();
    }
}
