/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.lend.LendingProtocol;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.security.Origin;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the connectors that the log knows, and changes them. Before {@link #start}, and on a node that follows, it shows
 * them only. Safe from any thread; nothing blocks but {@link #close}.
 */
public final class ConnectorRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorRunner.class);
    private static final Duration TICK = Duration.ofMillis(250);

    private final ConnectorBroker broker;
    private final ConnectorKinds kinds;
    private final ConnectorMetrics metrics;
    private final InstantSource clock;
    private final Secrets secrets;
    private final Map<String, ConnectorRun> runs = new ConcurrentHashMap<>();
    private final Map<String, ConnectorCounters> counters = new ConcurrentHashMap<>();
    private final AtomicInteger threads = new AtomicInteger();
    private final ExecutorService aside = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "polymq-connector-check-" + this.threads.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    });
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "polymq-connectors");
        thread.setDaemon(true);
        return thread;
    });
    private final Optional<ConnectorGroups> groups;
    private final Optional<SpreadMirror> mirror;
    private final Optional<SpreadReports> reports;
    private final LendingProtocol streams = new LendingProtocol();
    private volatile boolean started;

    /** Of a broker alone, or of the only group of its cluster. */
    public ConnectorRunner(ConnectorBroker broker, ConnectorKinds kinds, MeterRegistry registry, InstantSource clock) {
        this(broker, kinds, Optional.empty(), registry, clock);
    }

    /** @param groups the groups of the cluster, if there are several */
    public ConnectorRunner(
            ConnectorBroker broker,
            ConnectorKinds kinds,
            Optional<ConnectorGroups> groups,
            MeterRegistry registry,
            InstantSource clock) {
        this.groups = groups;
        this.mirror =
                groups.filter(each -> each.slot() > 0).map(each -> new SpreadMirror(each, broker, new Runs(), aside));
        this.reports = groups.filter(each -> each.slot() == 0).map(each -> new SpreadReports(each, System::nanoTime));
        this.broker = broker;
        this.kinds = kinds;
        this.metrics = new ConnectorMetrics(registry);
        this.clock = clock;
        this.secrets = new Secrets(kinds.settings().secrets());
    }

    /** Starts what is meant to run: on a single node, and on the one that leads. */
    public void start() {
        started = true;
        forgetDeleted();
        for (Connector connector : broker.connectors().all()) {
            if (!isMirrored(connector)) { // those are begun by the first look at their definitions
                begin(connector);
            }
        }
        ticks.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What was kept for connectors that there are no more: a crash may come between the two deletions. */
    private void forgetDeleted() {
        for (SubscriptionKey key : broker.subscriptions().keys(SubscriptionKey.Kind.CONNECTOR)) {
            if (broker.connectors().find(key.owner()).isEmpty()) {
                forget(key);
            }
        }
    }

    private void forget(SubscriptionKey key) {
        broker.subscriptions()
                .unsubscribe(
                        key,
                        Lane.direct(),
                        Reply.of(
                                done -> {},
                                refused ->
                                        LOG.warn("what was kept for connector {} is kept on", key.owner(), refused)));
    }

    private List<SubscriptionKey> keptFor(String connector) {
        return broker.subscriptions().keys(SubscriptionKey.Kind.CONNECTOR).stream()
                .filter(key -> key.owner().equals(connector))
                .toList();
    }

    /** Whether it is spread and another group defines it. */
    private boolean isMirrored(Connector connector) {
        return mirror.isPresent() && connector.isSpread();
    }

    private void tick() {
        long now = System.nanoTime();
        lookAtOthers();
        for (ConnectorRun run : runs.values()) {
            try {
                run.tick(now);
            } catch (RuntimeException e) {
                LOG.error("connector {} cannot be looked after", run.connector().name(), e);
            }
        }
    }

    private void lookAtOthers() {
        try {
            mirror.ifPresent(SpreadMirror::look);
            if (!broker.connectors().spread().isEmpty()) {
                reports.ifPresent(SpreadReports::look);
            }
        } catch (RuntimeException e) {
            LOG.error("the connectors of other groups cannot be looked at", e);
        }
    }

    /** What {@link SpreadMirror} does with what runs here. */
    private final class Runs implements SpreadMirror.Runs {
        @Override
        public void begin(Connector connector) {
            ConnectorRunner.this.begin(connector);
        }

        @Override
        public CompletableFuture<Void> end(String name) {
            return ConnectorRunner.this.end(name);
        }

        @Override
        public void forget(Connector deleted) {
            forgetRuns(deleted.name());
        }

        @Override
        public void changed(Connector before, Connector now) {
            follow(before, now).whenComplete((view, failure) -> {
                if (failure != null) {
                    LOG.warn("connector {} does not do as it is told: {}", now.name(), failure.getMessage());
                }
            });
        }
    }

    /** What leaders of other groups speak with this one, to do work of sources that are spread. */
    public Protocol streams() {
        return streams;
    }

    // ---- what there is

    public List<ConnectorView> all() {
        return broker.connectors().all().stream().map(this::view).toList();
    }

    /** @throws BrokerException INVALID_REQUEST if there is none */
    public ConnectorView get(String name) {
        return view(existing(name));
    }

    private Connector existing(String name) {
        return broker.connectors().find(name).orElseThrow(() -> ConnectorsView.notFound(name));
    }

    private ConnectorView view(Connector connector) {
        ConnectorView here = new ConnectorView(
                connector, status(connector), countersOf(connector.name()).counts(), lag(connector));
        return connector.isSpread() ? reports.map(each -> each.whole(here)).orElse(here) : here;
    }

    /**
     * How those that are spread are doing here, as many as fit.
     *
     * @param after as of {@link ConnectorGroups#ask}
     */
    public ConnectorReports reports(String after) {
        return ConnectorReports.of(broker.connectors().spread().stream()
                .filter(each -> each.name().compareTo(after) > 0)
                .map(this::view)
                .map(each -> new ConnectorReport(each.connector().name(), each.status(), each.counts(), each.lag()))
                .iterator());
    }

    private ConnectorStatus status(Connector connector) {
        if (connector.target() == Target.STOPPED) {
            return ConnectorStatus.of(State.STOPPED, "");
        }
        ConnectorRun run = runs.get(connector.name());
        return run == null ? ConnectorStatus.of(State.UNASSIGNED, "") : run.status();
    }

    private long lag(Connector connector) {
        long lag = 0;
        for (Map.Entry<Long, Long> offset :
                broker.groups().offsets(connector.group()).entrySet()) {
            lag += Math.max(0, broker.queues().end(offset.getKey()) - offset.getValue());
        }
        for (SubscriptionKey key : keptFor(connector.name())) {
            lag += broker.subscriptions()
                    .find(key)
                    .map(Subscriptions.Info::pending)
                    .orElse(0L);
        }
        return lag;
    }

    private ConnectorCounters countersOf(String name) {
        return counters.computeIfAbsent(name, each -> new ConnectorCounters());
    }

    /** All that connectors can be, of every kind. */
    public CompletableFuture<List<ConnectorPlugin>> plugins() {
        return bounded("the list of plugins", () -> {
            List<ConnectorPlugin> plugins = new ArrayList<>();
            for (String kind : kinds.names()) {
                plugins.addAll(kinds.get(kind).plugins());
            }
            return plugins;
        });
    }

    // ---- changes

    /** What is wrong with a configuration; empty if nothing is. */
    public CompletableFuture<List<ConfigProblem>> check(String kind, String name, Map<String, String> config) {
        return bounded("the check of the configuration", () -> problems(kind, name, config));
    }

    private List<ConfigProblem> problems(String kind, String name, Map<String, String> config) {
        List<ConfigProblem> problems = new ArrayList<>(RestartPolicy.check(config));
        problems.addAll(kinds.get(kind).check(name, secrets.resolve(config)));
        return problems;
    }

    /** Makes a connector after a check, and starts it if it is meant to run. */
    public CompletableFuture<ConnectorView> create(
            String name, String kind, String user, Target target, Map<String, String> config) {
        if (broker.connectors().all().size() >= kinds.settings().most()) {
            return CompletableFuture.failedFuture(new BrokerException(
                    Reason.LIMIT_EXCEEDED, "there are " + kinds.settings().most() + " connectors: connectors.max"));
        }
        checkUser(user);
        Connector wanted = new Connector(name, kind, user, target, config, Set.of(), 0);
        checkDefinedHere(wanted);
        return checked(wanted).thenCompose(this::put).thenApply(made -> {
            begin(made);
            return view(made);
        });
    }

    private void checkDefinedHere(Connector connector) {
        if (isMirrored(connector)) {
            throw ConnectorContext.invalid(
                    "connector " + connector.name() + " is spread over all groups: it is defined in" + " group "
                            + groups.orElseThrow().names().get(0) + ", make and change it there");
        }
    }

    private void checkUser(String user) {
        if (broker.security().enabled()
                && broker.security().accounts().user(user).isEmpty()) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "there is no user '" + user + "' to run the connector as");
        }
    }

    /**
     * Changes a connector's configuration after a check, and starts it anew. A value that is {@link Connector#MASK}
     * stays as it is.
     */
    public CompletableFuture<ConnectorView> change(String name, String user, Map<String, String> config) {
        Connector current = existing(name);
        checkDefinedHere(current);
        checkUser(user);
        Map<String, String> whole = new HashMap<>(config);
        whole.replaceAll(
                (key, value) -> value.equals(Connector.MASK) && current.hidden().contains(key)
                        ? current.config().getOrDefault(key, "")
                        : value);
        Connector wanted =
                new Connector(name, current.kind(), user, current.target(), whole, Set.of(), current.version());
        checkDefinedHere(wanted);
        return checked(wanted).thenCompose(this::put).thenCompose(this::again);
    }

    private CompletableFuture<Connector> checked(Connector wanted) {
        return bounded("the check of the configuration", () -> {
            List<ConfigProblem> problems = problems(wanted.kind(), wanted.name(), wanted.config());
            if (!problems.isEmpty()) {
                throw ConnectorContext.invalid(String.join(
                        "; ", problems.stream().map(ConfigProblem::toString).toList()));
            }
            Set<String> hidden = new TreeSet<>(kinds.get(wanted.kind()).hidden(wanted.config()));
            hidden.retainAll(wanted.config().keySet());
            return new Connector(
                    wanted.name(),
                    wanted.kind(),
                    wanted.user(),
                    wanted.target(),
                    wanted.config(),
                    hidden,
                    wanted.version());
        });
    }

    private CompletableFuture<Connector> put(Connector connector) {
        CompletableFuture<Connector> stored = new CompletableFuture<>();
        broker.connectors().put(connector, Lane.direct(), Reply.of(stored::complete, stored::completeExceptionally));
        // What follows may take long: not on the thread that appends.
        return stored.thenApplyAsync(each -> each, aside);
    }

    /** Has a connector run, pause or stop. */
    public CompletableFuture<ConnectorView> setTarget(String name, Target target) {
        Connector current = existing(name);
        checkDefinedHere(current);
        return put(current.with(target)).thenCompose(changed -> retarget(current, changed));
    }

    /** Has it run as its new definition says. */
    private CompletableFuture<ConnectorView> follow(Connector before, Connector now) {
        boolean targetOnly = now.target() != before.target()
                && now.config().equals(before.config())
                && now.user().equals(before.user());
        return targetOnly ? retarget(before, now) : again(now);
    }

    private CompletableFuture<ConnectorView> retarget(Connector before, Connector now) {
        ConnectorRun run = runs.get(now.name());
        if (run == null || before.target() == Target.STOPPED || now.target() == Target.STOPPED) {
            return again(now);
        }
        return (now.target() == Target.PAUSED ? run.pause() : run.resume()).thenApply(done -> view(now));
    }

    /** Stops a connector and starts it; in all groups, if it is spread and this one defines it. */
    public CompletableFuture<ConnectorView> restart(String name) {
        Connector current = existing(name);
        if (current.target() == Target.STOPPED) {
            throw ConnectorContext.invalid("connector " + name + " is stopped: resume it");
        }
        countersOf(name).restart();
        // Other groups follow a definition's version.
        return current.isSpread() && reports.isPresent() ? put(current).thenCompose(this::again) : again(current);
    }

    /** Starts one task anew, of those that run here or are lent to other groups. */
    public CompletableFuture<ConnectorView> restartTask(String name, int task) {
        Connector current = existing(name);
        ConnectorRun run = runs.get(name);
        if (run == null) {
            throw ConnectorContext.invalid("connector " + name + " does not run here");
        }
        return run.restart(task).thenApply(done -> view(current));
    }

    /** Stops and deletes a connector with its positions. */
    public CompletableFuture<Connector> delete(String name) {
        Connector current = existing(name);
        checkDefinedHere(current);
        return end(name)
                .thenCompose(ended -> {
                    CompletableFuture<Connector> deleted = new CompletableFuture<>();
                    broker.connectors()
                            .delete(name, Lane.direct(), Reply.of(deleted::complete, deleted::completeExceptionally));
                    return deleted;
                })
                .thenCompose(deleted -> {
                    CompletableFuture<Connector> whole = new CompletableFuture<>();
                    broker.groups()
                            .delete(
                                    current.group(),
                                    Lane.direct(),
                                    Reply.of(done -> whole.complete(deleted), whole::completeExceptionally));
                    forgetRuns(name);
                    return whole;
                });
    }

    private void forgetRuns(String name) {
        keptFor(name).forEach(this::forget);
        counters.remove(name);
        metrics.remove(name);
    }

    private CompletableFuture<ConnectorView> again(Connector connector) {
        return end(connector.name())
                .thenApplyAsync(
                        ended -> {
                            begin(connector);
                            return view(connector);
                        },
                        aside);
    }

    private CompletableFuture<Void> end(String name) {
        ConnectorRun run = runs.remove(name);
        return run == null ? CompletableFuture.completedFuture(null) : run.stop();
    }

    private void begin(Connector connector) {
        if (!started) {
            return;
        }
        String name = connector.name();
        ConnectorCounters own = countersOf(name);
        metrics.add(connector, own, () -> lag(connector), () -> status(connector));
        if (connector.target() == Target.STOPPED) {
            return;
        }
        ConnectorRun run = new ConnectorRun(
                connector, () -> startNow(connector, own), own, kinds.settings().patience());
        if (runs.putIfAbsent(name, run) == null) {
            run.start();
        }
    }

    private RunningConnector startNow(Connector connector, ConnectorCounters own) throws Exception {
        ConnectorKind kind = kinds.get(connector.kind());
        ConnectorContext context = new ConnectorContext(
                connector,
                secrets.resolve(connector.config()),
                broker,
                broker.security().access(connector.user(), new Origin("connector", connector.name())),
                own,
                clock,
                groups.filter(several -> connector.isSpread())
                        .map(several -> new ConnectorContext.Spread(several, streams)));
        return kind.start(context);
    }

    private <T> CompletableFuture<T> bounded(String what, Supplier<T> work) {
        Duration patience = kinds.settings().patience();
        CompletableFuture<T> result = new CompletableFuture<>();
        aside.execute(() -> {
            try {
                result.complete(work.get());
            } catch (BrokerException e) {
                result.completeExceptionally(e);
            } catch (Throwable e) { // foreign code may throw anything
                LOG.warn("{} failed", what, e);
                result.completeExceptionally(ConnectorContext.invalid(what + " failed: " + ConnectorRun.describe(e)));
            }
        });
        return result.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).exceptionallyCompose(failure -> {
            boolean late = failure instanceof TimeoutException;
            return CompletableFuture.failedFuture(
                    late
                            ? new BrokerException(
                                    Reason.UNAVAILABLE,
                                    what + " took longer than " + patience.toSeconds() + " s (connectors.patience)")
                            : failure);
        });
    }

    /** Stops all connectors; what has not ended within a time is left behind. */
    public void close(Duration grace) {
        started = false;
        ticks.shutdownNow();
        CompletableFuture<?>[] ends =
                new ArrayList<>(runs.keySet()).stream().map(this::end).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("not all connectors stopped within {} s", grace.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        aside.shutdownNow();
        metrics.close();
    }

    @Override
    public void close() {
        close(kinds.settings().patience());
    }
}
