/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerState;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.connector.ConnectorGroups;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorReports;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.connector.Connectors;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.broker.security.Accounts;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.Security;
import org.polymq.broker.topic.TopicKind;
import org.polymq.dashboard.Dashboard;
import org.polymq.dashboard.api.Api;
import org.polymq.dashboard.api.Overview;
import org.polymq.dashboard.api.Route;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.NameServer;
import org.polymq.replication.GroupOptions;
import org.polymq.replication.Leadership;
import org.polymq.replication.RaftGroup;
import org.polymq.replication.transport.NodePort;
import org.polymq.replication.transport.StreamPort;
import org.polymq.storage.Failpoints;
import org.polymq.storage.FlushMode;
import org.polymq.storage.Log;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of a group, from the opening of its log to its closing: puts the parts together as {@link Server} does for a
 * single node, and changes its role as the group decides. Opened and closed by one thread; roles change on one of their
 * own.
 */
final class GroupNode implements NodeParts, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupNode.class);

    /** How long connections may take to end when the server stops. */
    private static final Duration GRACE = Duration.ofSeconds(10);
    /** The same when the role changes: clients have to find the next leader. */
    private static final Duration ROLE_GRACE = Duration.ofMillis(500);
    /** How long the last change of roles may take when the server stops. */
    private static final Duration LAST_CHANGE = Duration.ofSeconds(5);

    private final ServerConfig config;
    private final ComponentSettings settings;
    private final SharedState shared;
    private final Outcome outcome;
    private final InstantSource clock = Clock.systemUTC();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Parts parts = new Parts();
    private final CompletableFuture<RaftGroup> joined = new CompletableFuture<>();
    private final CountDownLatch hurry;
    private final Optional<Hosting> hosting;
    private final NodeStatus status;
    private final ExecutorService roles = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "polymq-role");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Ports ports;
    private @Nullable Transport transport;
    private @Nullable BrokerState state;
    private @Nullable Audit audit;
    private @Nullable ConnectorKinds connectorKinds;
    private @Nullable NodeRegistration registration;
    private volatile @Nullable NodeRole role;
    private volatile boolean trusted;
    private volatile boolean stopping;
    private volatile boolean atOnce;
    private volatile @Nullable Departure departure;
    private volatile @Nullable PreferredLead preferredLead;
    private volatile @Nullable GroupMember member;

    /** Hears what the node cannot do itself. */
    interface Outcome {
        /** It is to be closed and opened again at once, which adopts another node's log. */
        void restart();

        /** What was under way to the leader is over: it is gone, or leads no more. */
        void leaderLost();

        /** It takes no part any more until the process is started again. */
        void broken(String reason);
    }

    private GroupNode(ServerConfig config, Optional<Hosting> hosting, CountDownLatch hurry, Outcome outcome) {
        this.config = config;
        this.hosting = hosting;
        this.hurry = hurry;
        this.settings = new ComponentSettings(config);
        this.shared = hosting.map(Hosting::shared).orElseGet(() -> settings.alone(clock));
        this.outcome = outcome;
        this.status = new NodeStatus(config, joined, hosting, () -> stopping);
    }

    /**
     * Opens the listeners and joins the group; returns before there is a leader.
     *
     * @param hosting the process around it if that is of several groups
     * @param hurry at zero a node that is closed does not wait for its clients to find the next leader
     * @throws IOException when the disk or a port cannot be had; nothing is left open
     * @throws org.polymq.broker.config.ConfigException when the data directory is another node's
     */
    static GroupNode open(ServerConfig config, Optional<Hosting> hosting, CountDownLatch hurry, Outcome outcome)
            throws IOException {
        GroupNode node = new GroupNode(config, hosting, hurry, outcome);
        try {
            node.open();
            return node;
        } catch (IOException | RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void open() throws IOException {
        NodeMark.check(config);
        LogConfig logConfig = config.storage().log();
        RunMark run = RunMark.begin(logConfig.directory());
        boolean mayVote = !run.powerWasCut()
                || logConfig.flush() == FlushMode.SYNC
                || config.cluster().trustAfterPowerCut();
        if (!mayVote) {
            log.warn("the power was cut while this node ran, and storage.flush is async: what it last stored may be"
                    + " lost, so it does not vote until it has caught up with a leader (see"
                    + " cluster.trust-after-power-cut)");
        }
        GroupOptions options = Replication.options(config, mayVote);
        RaftGroup.beforeLog(options, logConfig.directory());
        parts.add("metrics of the garbage collector", JvmMetrics.bindTo(registry));
        if (hosting.isPresent() && status.slot() == 0) {
            hosting.get().registry().add(registry);
            parts.atClose(
                    "metrics of the process", () -> hosting.get().registry().remove(registry));
        }
        // Last on the way down: the log is closed and forced by then.
        parts.atClose("mark of the run", () -> {
            if (trusted) {
                run.end();
            }
        });
        audit = parts.add("audit log", settings.audit(clock));
        BrokerState opened = parts.add(
                "state",
                BrokerState.open(
                        logConfig,
                        config.storage().viewsMemory().bytes(),
                        clock,
                        views -> Log.openInGroup(
                                logConfig, new NioDisk(), clock, Failpoints.NONE, views, options.identity())));
        state = opened;
        connectorKinds = parts.add("kinds of connectors", ConnectorParts.kinds(config.connectors()));
        Transport loops = hosting.isPresent() ? hosting.get().transport() : parts.add("transport", Transport.open());
        transport = loops;
        Listeners listeners = hosting.isPresent()
                ? hosting.get().listeners(registry)
                : new Listeners(loops, settings.limits(), registry, settings.encryption());
        Ports opening = new Ports(
                config,
                listeners,
                settings.mqttProxies(),
                config.security().tls().isPresent(),
                hosting.isPresent());
        ports = opening;
        member = opening.takeStreams()
                .map(streams -> new GroupMember(
                        config.brokerName(), streams, status::leaderElsewhere, this::hasQueue, this::connectorReports))
                .orElse(null);
        BrokerProof proof = hosting.isPresent()
                ? hosting.get().proof()
                : NameServerGuard.proof(config.nameServer().secretFile());
        Optional<NameServer> nameServer = hosting.isEmpty()
                        && config.nameServer().embedded()
                ? Optional.of(parts.add(
                        "name server",
                        NameServers.open(config, registry, () -> role().broker().security(), proof)))
                : Optional.empty();
        Following first = Following.open(this);
        role = first;
        parts.atClose("role", () -> role().close());
        parts.atClose("listeners", () -> listeners.close(GRACE));
        if (nameServer.isPresent()) {
            opening.open(nameServer.get());
        }
        opening.open(first.speaking());
        registration = parts.add(
                "registration",
                NodeRegistration.open(
                        config,
                        loops,
                        opening.port(Ports.NATIVE),
                        hosting.map(Hosting::nameServers).orElseGet(opening::nameServers),
                        first,
                        proof));
        trusted = mayVote;
        if (mayVote) {
            run.trust();
        }
        join(options, opened, logConfig, run);
    }

    private void join(GroupOptions options, BrokerState opened, LogConfig logConfig, RunMark run) throws IOException {
        Replication replication =
                parts.add("connections between nodes", Replication.open(config, options, transport()));
        RaftGroup group = RaftGroup.open(
                options,
                replication.transport(),
                new NodePort(replication.bind(), streamPort()),
                opened.log(),
                logConfig.directory(),
                new Callbacks(run));
        parts.add("group", group);
        departure = new Departure(
                ports(),
                group,
                opened.log().group(),
                this::isServedElsewhere,
                config.cluster().drain(),
                hurry);
        preferredLead = new PreferredLead(
                status.slot(),
                group,
                () -> role().broker().changedSettings().find(PreferredLead.SETTING),
                this::giveLeadTo);
        parts.atClose("roles", this::endRoles);
        Gauge.builder("polymq.cluster.leading", group, each -> each.isLeading() ? 1 : 0)
                .description("1 on the node that leads its group")
                .register(registry);
        Gauge.builder("polymq.cluster.refused.connections", group, RaftGroup::refusedConnections)
                .description("Connections to the replication port that were closed for what came over them")
                .register(registry);
        joined.complete(group);
        log.info("node {} of group {} takes part", config.cluster().self(), config.brokerName());
    }

    private Optional<StreamPort> streamPort() {
        return member().map(member -> new StreamPort(
                config.clusterName(), transport().workers(), config.cluster().streams(), member));
    }

    /** The engine's words; none of it may block it. */
    private final class Callbacks implements Leadership {
        private final RunMark run;

        private Callbacks(RunMark run) {
            this.run = run;
        }

        @Override
        public void caughtUp() {
            later(() -> {
                try {
                    run.trust();
                    trusted = true;
                } catch (IOException e) {
                    log.error("after the next start this node will not vote at first", e);
                }
            });
        }

        @Override
        public void leading(long term) {
            later(() -> lead(term));
        }

        @Override
        public void following() {
            Departure leaving = departure;
            if (leaving != null) {
                leaving.ended();
            }
            later(GroupNode.this::follow);
        }

        @Override
        public void leaderLost() {
            later(GroupNode.this::endForwarded);
        }

        @Override
        public void restart() {
            outcome.restart();
        }

        @Override
        public void broken(String reason) {
            later(GroupNode.this::follow);
            outcome.broken(reason);
        }
    }

    private void later(Runnable change) {
        try {
            roles.execute(change);
        } catch (RejectedExecutionException e) {
            log.debug("the node is stopping: its role changes no more", e);
        }
    }

    // ---- on the thread of roles

    private void lead(long term) {
        RaftGroup group = joined.join();
        if (group.term() != term || role().term() == term) {
            return; // over already; follow() is behind it
        }
        try {
            Leading leading = Leading.open(this, term);
            change(leading);
            Objects.requireNonNull(registration).follow(leading);
            leading.announce(address(term));
            log.info("node {} leads group {} in term {}", number(), config.brokerName(), term);
        } catch (IOException | RuntimeException e) {
            if (group.term() == term) {
                log.error("this node cannot lead", e);
                outcome.broken("it was to lead and could not: " + e.getMessage());
            } else {
                log.info("the lead of term {} was lost at once: {}", term, e.getMessage());
            }
        }
    }

    private void follow() {
        if (role().term() == 0) {
            ports().resume(); // the lead may have been given away before anything was done with it
            return;
        }
        try {
            change(Following.open(this));
            log.info("node {} follows", number());
        } catch (IOException e) {
            log.error("this node cannot follow", e);
            outcome.broken("it was to follow and could not: " + e.getMessage());
        }
    }

    private void endForwarded() {
        if (role() instanceof Following following && !stopping) {
            outcome.leaderLost();
            ports().serve(following.leaderLost(), ROLE_GRACE);
        }
    }

    private void change(NodeRole next) {
        NodeRole before = role();
        role = next;
        Objects.requireNonNull(registration).become(next, this::isServedElsewhere);
        ports().serve(next.speaking(), ROLE_GRACE);
        before.close();
    }

    private boolean isServedElsewhere() {
        return status.isServedElsewhere(role().broker());
    }

    private boolean hasQueue(String name) {
        return role().broker()
                .topics()
                .find(name)
                .filter(topic -> topic.kind() == TopicKind.QUEUE)
                .isPresent();
    }

    private Optional<ConnectorReports> connectorReports(String after) {
        return role() instanceof Leading leading ? Optional.of(leading.connectorReports(after)) : Optional.empty();
    }

    private LeaderAddress address(long term) {
        Map<String, Integer> inUse = new HashMap<>();
        ports().lines().forEach(line -> inUse.put(line.name(), line.address().getPort()));
        return new LeaderAddress(term, number(), config.remoting().advertise().getHostAddress(), inUse);
    }

    // ---- for the roles

    private NodeRole role() {
        return Objects.requireNonNull(role, "the node has no role yet");
    }

    private Ports ports() {
        return Objects.requireNonNull(ports, "no port is open yet");
    }

    @Override
    public int number() {
        return config.cluster().node();
    }

    @Override
    public ComponentSettings settings() {
        return settings;
    }

    @Override
    public Transport transport() {
        return Objects.requireNonNull(transport);
    }

    @Override
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    @Override
    public InstantSource clock() {
        return clock;
    }

    @Override
    public ConnectorKinds connectorKinds() {
        return Objects.requireNonNull(connectorKinds);
    }

    @Override
    public Optional<ConnectorGroups> connectorGroups() {
        return hosting.map(process -> process.connectors().apply(status.slot()));
    }

    @Override
    public Optional<Hosting> hosting() {
        return hosting;
    }

    @Override
    public RaftGroup group() {
        return joined.join();
    }

    @Override
    public boolean isStopping() {
        return stopping;
    }

    @Override
    public Broker newBroker() throws IOException {
        Audit lasting = Objects.requireNonNull(audit);
        Audit ofRole = new Audit() { // closing it ends the role's part, not the file
                    @Override
                    public void write(Event event) {
                        lasting.write(event);
                    }
                };
        return Broker.over(Objects.requireNonNull(state), settings.inGroup(ofRole, shared), clock);
    }

    @Override
    public Dashboard dashboard(Broker broker, ConnectorRunner connectors) {
        Overview overview = new Overview(broker, registry, clock);
        List<Route> routes = new ArrayList<>(
                new AdminRoutes(config, ports(), false, status::role, clock).of(broker, overview, connectors));
        routes.addAll(new ClusterRoutes(
                        config,
                        () -> joined.getNow(null),
                        () -> status.leader(broker),
                        this::giveLeadTo,
                        broker,
                        hosting)
                .routes());
        return new Dashboard(registry, status.health(broker), new Api(broker.security(), routes), overview);
    }

    private CompletableFuture<Void> giveLeadTo(String member) {
        return Objects.requireNonNull(departure).handOverTo(member);
    }

    /** How the group is, as this node knows it; a row of the admin API. */
    Map<String, Object> state() {
        return status.row(role().broker());
    }

    /** The users that hold right now. */
    Security security() {
        return role().broker().security();
    }

    /** The connectors that the group's log has, as this node has applied it. */
    Connectors connectors() {
        return role().broker().forConnectors().connectors();
    }

    /** Those of the group, if this node leads it and serves. */
    Optional<Accounts> accountsIfLeading() {
        return role().term() == 0 ? Optional.empty() : Optional.of(security().accounts());
    }

    /** Looks whether another node is to have the lead; about once a second, always on the same thread. */
    void lookAtLead() {
        PreferredLead lead = preferredLead;
        if (lead != null && !stopping) {
            lead.look();
        }
    }

    @Override
    public Optional<LeaderAddress> leader(Broker broker) {
        return status.leader(broker);
    }

    // ---- the end

    /** This node as gateways see it; empty if it takes no streams. */
    Optional<GroupMember> member() {
        return Optional.ofNullable(member);
    }

    /** The listeners, in the order in which they were opened. */
    List<ReadyLines.Line> lines() {
        Ports open = ports;
        return open == null ? List.of() : open.lines();
    }

    private void endRoles() throws InterruptedException {
        Departure leaving = departure;
        if (leaving != null && !atOnce) {
            leaving.leave();
        }
        roles.shutdown();
        if (!roles.awaitTermination(LAST_CHANGE.toMillis(), TimeUnit.MILLISECONDS)) {
            log.warn("the change of roles did not end within {}", LAST_CHANGE);
        }
    }

    /** Closes without waiting for clients: the node is opened again at once, and until then its group has one less. */
    void closeAtOnce() {
        atOnce = true;
        close();
    }

    @Override
    public void close() {
        if (stopping) {
            return;
        }
        stopping = true;
        log.info("stopping");
        parts.close();
        roles.shutdown();
        log.info("stopped");
    }
}
