/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.polymq.bridge.BridgeConfig.Entry;
import org.polymq.bridge.remote.Remote;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorStatus;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.polymq.broker.connector.RunningConnector;
import org.polymq.broker.subscription.SubscriptionKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running bridge. Starting it does not wait for the remote; what has to be sent is kept from then on. Its tasks are
 * its links, the outgoing ones first.
 */
final class Bridge implements RunningConnector {
    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);
    private static final Duration WATCH = Duration.ofSeconds(5);

    private final BridgeConfig config;
    private final ConnectorContext context;
    private final BridgeLane lane;
    private final LocalLog local;
    private final RemoteCode code;
    private final Gate gate;
    private final Remote remote;
    private final List<Link> links = new ArrayList<>();

    private Bridge(BridgeConfig config, ConnectorContext context, RemoteCode code, Remote remote) {
        this.config = config;
        this.context = context;
        this.lane = new BridgeLane(context.name());
        this.local = new LocalLog(context, lane);
        this.code = code;
        this.remote = remote;
        this.gate = new Gate(!context.startsPaused());
    }

    /**
     * Starts a bridge.
     *
     * @param jars directory with the jars of the remote's client
     * @throws BrokerException if the log takes nothing now, or the client's jars are not there
     */
    static Bridge start(BridgeConfig config, ConnectorContext context, Path jars) throws InterruptedException {
        RemoteCode code = RemoteCode.of(jars, config.protocol().remoteClass());
        Remote remote;
        try {
            remote = code.open(config.protocol().remoteClass(), config.remote());
        } catch (RuntimeException e) {
            close(code, context.name());
            throw e;
        }
        return start(config, context, code, remote);
    }

    /** Starts a bridge to whatever the remote is; its links run with the code. Both are closed with the bridge. */
    static Bridge start(BridgeConfig config, ConnectorContext context, RemoteCode code, Remote remote)
            throws InterruptedException {
        Bridge bridge = new Bridge(config, context, code, remote);
        try {
            bridge.begin();
            return bridge;
        } catch (RuntimeException | InterruptedException e) {
            bridge.stop();
            throw e;
        }
    }

    private void begin() throws InterruptedException {
        String origin = config.namesBrokers()
                ? config.localId()
                : BrokerOrigin.of(context.broker().settings(), lane);
        forgetOthers();
        for (Entry entry : config.out()) {
            local.keep(entry.route().from());
            Way way = way("out", entry, origin);
            add("out", entry, way, new OutLink(way, context.clock()));
        }
        for (Entry entry : config.in()) {
            Way way = way("in", entry, origin);
            add("in", entry, way, new InLink(way, backoff()));
        }
        lane.every(WATCH, new BacklogAlarm(config, local)::look);
        links.forEach(Link::start);
    }

    private Way way(String direction, Entry entry, String origin) {
        return new Way(
                config,
                entry.route(),
                id(origin, direction, entry),
                origin,
                local,
                remote,
                new LinkState(),
                gate,
                context.counters());
    }

    private void add(String direction, Entry entry, Way way, Link.Work work) {
        String name = context.name() + " " + direction + " " + entry.text();
        links.add(new Link(name, context, way.state(), backoff(), code, work));
    }

    private Backoff backoff() {
        return new Backoff(config.leastWait(), config.mostWait(), RandomGenerator.getDefault());
    }

    // The remote knows the link by this: the same after a restart, and different from those of other brokers.
    private String id(String origin, String direction, Entry entry) {
        CRC32C crc = new CRC32C();
        crc.update(entry.text().getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "polymq-%s-%s-%s-%08x", origin, context.name(), direction, crc.getValue());
    }

    /** Topics that the definition does not name any more. */
    private void forgetOthers() throws InterruptedException {
        Set<SubscriptionKey> wanted = new HashSet<>();
        config.out().forEach(entry -> wanted.add(local.key(entry.route().from())));
        for (SubscriptionKey key : local.kept()) {
            if (!wanted.contains(key)) {
                LOG.info("bridge {} does not send {} any more: what waited is dropped", context.name(), key.name());
                local.forget(key);
            }
        }
    }

    @Override
    public ConnectorStatus status() {
        boolean paused = !gate.isOpen();
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            LinkState.Condition condition = links.get(i).condition();
            State state = switch (condition.phase()) {
                case CONNECTING -> condition.error().isEmpty() ? State.STARTING : State.RETRYING;
                case CONNECTED -> paused ? State.PAUSED : State.RUNNING;
                case DOWN -> State.RETRYING;
                case STOPPED -> State.STOPPED;
            };
            tasks.add(new Task(i, state, condition.error()));
        }
        return new ConnectorStatus(paused ? State.PAUSED : State.RUNNING, "", tasks);
    }

    @Override
    public void pause() {
        gate.set(false);
    }

    @Override
    public void resume() {
        gate.set(true);
    }

    @Override
    public void restart(int task) {
        if (task < 0 || task >= links.size()) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "bridge " + context.name() + " has links 0 to " + (links.size() - 1));
        }
        Link link = links.get(task);
        link.close();
        link.start();
    }

    @Override
    public void stop() {
        links.forEach(Link::end);
        links.forEach(Link::close);
        lane.close();
        remote.close();
        close(code, context.name());
    }

    private static void close(RemoteCode code, String bridge) {
        try {
            code.close();
        } catch (IOException e) {
            LOG.warn("the jars of bridge {} are not closed", bridge, e);
        }
    }
}
