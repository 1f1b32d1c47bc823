/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.config.ClusterConfig;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.broker.security.Security;
import org.polymq.dashboard.Health;
import org.polymq.dashboard.Monitoring;
import org.polymq.nameserver.BrokerProof;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process of a cluster of several groups: one {@link GroupServer} for each, and once what they share: the name
 * server, and the gateways that serve MQTT and JMS clients from all groups. A gateway alone has no groups and no name
 * server. Opened and closed by one thread.
 */
public final class ClusterServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterServer.class);

    /** How long connections may take to end when the server stops. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private static final long LOOK_MILLIS = 1_000;
    /** How often it is seen whether users have changed. */
    private static final long MIRROR_MILLIS = 100;

    private final ServerConfig config;
    private final InstantSource clock = Clock.systemUTC();
    private final ComponentSettings settings;
    private final Parts parts = new Parts();
    private final CompositeMeterRegistry registry = new CompositeMeterRegistry();
    private final List<GroupServer> groups = new CopyOnWriteArrayList<>();
    private final List<ReadyLines.Line> lines = new ArrayList<>();
    private volatile boolean closed;

    private ClusterServer(ServerConfig config) {
        this.config = config;
        this.settings = new ComponentSettings(config);
    }

    /**
     * Opens all listeners and joins all groups; returns before there are leaders.
     *
     * @param whenBroken hears why this process takes no part in a group any more; it should end
     * @throws IOException when the disk or a port cannot be had; nothing is left open
     * @throws org.polymq.storage.StorageException when a data directory is held, damaged or of another group
     * @throws org.polymq.broker.config.ConfigException when the data directory is another node's
     */
    public static ClusterServer open(ServerConfig config, Consumer<String> whenBroken) throws IOException {
        ClusterServer server = new ClusterServer(config);
        try {
            if (config.cluster().role() == ClusterConfig.Role.GATEWAY) {
                server.openGateway();
            } else {
                server.openNode(whenBroken);
            }
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void openNode(Consumer<String> whenBroken) throws IOException {
        NodeMark.checkSeveral(config);
        Transport transport = parts.add("transport", Transport.open());
        Sharing sharing = parts.add("what nodes share", Sharing.open(config, registry, clock));
        Listeners listeners = listeners(transport, sharing);
        Ports nameServers = ports(listeners);
        parts.atClose("name server's listener", () -> listeners.close(GRACE));
        BrokerProof proof = NameServerGuard.proof(config.nameServer().secretFile());
        if (config.nameServer().embedded()) {
            nameServers.open(parts.add("name server", NameServers.open(config, registry, this::security, proof)));
        }
        lines.addAll(nameServers.lines());
        ClusterGateways gateways = parts.add(
                "gateways",
                ClusterGateways.open(
                        config,
                        settings,
                        transport,
                        this::members,
                        sharing.state().claims(),
                        registry));
        Hosting hosting = new Hosting(
                transport,
                listeners,
                registry,
                proof,
                nameServers.nameServers(),
                List.of(gateways.jms()),
                sharing.state(),
                this::states,
                slot -> new ConnectorSpread(
                        slot, () -> groups.get(0).node(), gateways.links(), transport.workers()::next));
        parts.atClose("groups", this::closeGroups);
        List<String> names = config.cluster().groups();
        for (int slot = 0; slot < names.size(); slot++) {
            String name = names.get(slot);
            groups.add(GroupServer.open(
                    config.ofGroup(slot),
                    Optional.of(hosting),
                    reason -> whenBroken.accept("group " + name + ": " + reason),
                    () -> gateways.leaderLost(name)));
        }
        lookAtLeads();
        Listeners clients = listeners.sharing(registry);
        // First on the way down: any other node will do for these clients.
        parts.atClose("listeners of MQTT", () -> clients.close(GRACE));
        Ports mqtt = ports(clients);
        mqtt.openMqtt(gateways.mqtt(), gateways.webSocket());
        lines.addAll(mqtt.lines());
        sharing.begin(listeners::connections, this::lines);
    }

    private void openGateway() throws IOException {
        PrometheusMeterRegistry shown = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.add(shown);
        parts.add("metrics of the garbage collector", JvmMetrics.bindTo(shown));
        Transport transport = parts.add("transport", Transport.open());
        Sharing sharing = parts.add("what nodes share", Sharing.open(config, registry, clock));
        ClusterGateways gateways = parts.add(
                "gateways",
                ClusterGateways.open(
                        config, settings, transport, List::of, sharing.state().claims(), registry));
        Listeners listeners = listeners(transport, sharing);
        parts.atClose("listeners", () -> listeners.close(GRACE));
        GroupsInReach reach = parts.add(
                "looks for leaders", gateways.groupsInReach(transport.workers().next()));
        reach.begin();
        Ports ports = ports(listeners);
        ports.openGateway(gateways, new Monitoring(shown, health(reach)));
        lines.addAll(ports.lines());
        sharing.begin(listeners::connections, this::lines);
    }

    private Listeners listeners(Transport transport, Sharing sharing) throws IOException {
        return new Listeners(
                transport, settings.limits(), registry, settings.encryption(), sharing::connectionsElsewhere);
    }

    private Health health(GroupsInReach reach) {
        return new Health(List.of(
                new Health.Check("lifecycle", () -> closed ? Optional.of("the server is stopping") : Optional.empty()),
                new Health.Check("groups", reach::problem)));
    }

    private Ports ports(Listeners listeners) {
        return new Ports(
                config,
                listeners,
                settings.mqttProxies(),
                config.security().tls().isPresent(),
                false);
    }

    /** The groups' nodes of this process that there are right now. */
    private List<GroupMember> members() {
        return groups.stream().flatMap(each -> each.member().stream()).toList();
    }

    private void lookAtLeads() {
        ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "polymq-leads");
            thread.setDaemon(true);
            return thread;
        });
        parts.atClose("looks at the leads", looks::shutdownNow);
        for (int slot = 0; slot < groups.size(); slot++) {
            GroupServer each = groups.get(slot);
            every(looks, LOOK_MILLIS, () -> each.node().lookAtLead());
            if (slot > 0) {
                String name = config.cluster().groups().get(slot);
                AccountsMirror mirror = new AccountsMirror(name, groups.get(0)::node, each::node);
                every(looks, MIRROR_MILLIS, mirror::look);
            }
        }
    }

    private static void every(ScheduledExecutorService looks, long millis, Runnable look) {
        var unused = looks.scheduleWithFixedDelay(
                () -> {
                    try {
                        look.run();
                    } catch (RuntimeException e) {
                        log.warn("a look at a group failed; the next one comes", e);
                    }
                },
                millis,
                millis,
                TimeUnit.MILLISECONDS);
    }

    /** The users that hold right now: those of the first group. */
    private Security security() {
        if (groups.isEmpty()) {
            throw new BrokerException(Reason.UNAVAILABLE, "this server is still starting");
        }
        return groups.get(0).node().security();
    }

    private List<Map<String, Object>> states() {
        return groups.stream().map(each -> each.node().state()).toList();
    }

    /** The listeners: first those of the whole process, then those of each group, such as {@code native/a}. */
    public List<ReadyLines.Line> lines() {
        List<ReadyLines.Line> all = new ArrayList<>(lines);
        for (int slot = 0; slot < groups.size(); slot++) {
            String suffix = "/" + config.cluster().groups().get(slot);
            groups.get(slot)
                    .lines()
                    .forEach(line -> all.add(new ReadyLines.Line(line.name() + suffix, line.address(), line.speaks())));
        }
        return all;
    }

    /** A {@link #close} that waits, or is to come, no longer waits for clients to find the next leaders. Any thread. */
    public void hurry() {
        groups.forEach(GroupServer::hurry);
    }

    /** Hands all leads over, each in its own time, so that the slowest group decides how long it takes. */
    private void closeGroups() throws InterruptedException {
        List<Thread> closing = new ArrayList<>();
        for (GroupServer each : groups) {
            Thread thread = new Thread(each::close, "polymq-stop-group");
            thread.start();
            closing.add(thread);
        }
        for (Thread each : closing) {
            each.join();
        }
    }

    /**
     * Hands the leads over that it has, passes clients on while they still come, ends all connections, and closes the
     * logs. Does nothing the second time.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        parts.close();
    }
}
