/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.client.ClientDirectory;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.cluster.UserConnections;
import org.polymq.broker.connector.ConnectorBroker;
import org.polymq.broker.connector.Connectors;
import org.polymq.broker.find.MessageFinder;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.follow.MessageTraces;
import org.polymq.broker.group.Groups;
import org.polymq.broker.group.RequestModes;
import org.polymq.broker.half.HalfMessages;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.message.MessageCodec;
import org.polymq.broker.message.MessageIds;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.publish.DirectDelivery;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.retained.RetainedView;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.KeyFile;
import org.polymq.broker.security.Security;
import org.polymq.broker.security.SecuritySettings;
import org.polymq.broker.session.Sessions;
import org.polymq.broker.session.SharedSubscriptions;
import org.polymq.broker.session.StoredWills;
import org.polymq.broker.settings.RuntimeSettings;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.LargeBodies;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.state.QueueWatches;
import org.polymq.broker.state.Retention;
import org.polymq.broker.state.Views;
import org.polymq.broker.stats.LogFigures;
import org.polymq.broker.stats.Meters;
import org.polymq.broker.subscription.Comeback;
import org.polymq.broker.subscription.DeadLetters;
import org.polymq.broker.subscription.QueueDepth;
import org.polymq.broker.subscription.Redeliveries;
import org.polymq.broker.subscription.SubscriptionCaps;
import org.polymq.broker.subscription.SubscriptionContext;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.subscription.TemporaryDestinations;
import org.polymq.broker.timer.Timers;
import org.polymq.broker.topic.Topics;
import org.polymq.broker.xa.XaTransactions;
import org.polymq.storage.Disk;
import org.polymq.storage.Failpoints;
import org.polymq.storage.Log;
import org.polymq.storage.LogConfig;
import org.polymq.storage.SegmentInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker without its protocols: one log, the views over it, and the services that adapters use. It has no rules of
 * its own; it only puts the parts together and runs their periodic work.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

    /** What all temporary destinations hold together. */
    private static final long TEMPORARY_BYTES = 64L << 20;

    private final BrokerState state;
    private final boolean alone;
    private final Log log;
    private final Views views;
    private final Meters<Integer> published;
    private final LiveRouter live;
    private final MessageFollowers followers;
    private final MessageTraces traces;
    private final Committer committer;
    private final MessageReader messages;
    private final QueueReader queues;
    private final ColdReads coldReads;
    private final MessageFinder finder;
    private final Topics topics;
    private final Groups groups;
    private final RuntimeSettings changedSettings;
    private final Connectors connectors;
    private final Path directory;
    private final Subscriptions subscriptions;
    private final Sessions sessions;
    private final SharedSubscriptions sharedSubscriptions;
    private final StoredWills wills;
    private final Timers timers;
    private final TemporaryDestinations temporaries;
    private final DirectDelivery direct;
    private final Publisher publisher;
    private final HalfMessages halfMessages;
    private final RequestModes requestModes;
    private final Retention retention;
    private final SubscriptionCaps caps;
    private final SharedState shared;
    private final Security security;
    private final XaTransactions transactions;
    private final ClientDirectory clients;
    private final Redeliveries redeliveries;
    private final DeadLetters deadLetters;
    private final ScheduledExecutorService maintenance;

    /**
     * What the core needs to know beside the log's own settings.
     *
     * @param caps what durable subscriptions may hold
     * @param viewsMemory what the large views may take beside the heap, bytes
     * @param security users and permissions
     * @param audit where administration, logins and denials are written down
     * @param consuming how messages are consumed
     * @param shared with the other nodes of the cluster, by whoever closes it; empty: the broker is alone
     */
    public record Settings(
            String clusterName,
            Publisher.Settings publishing,
            Retention.Settings retention,
            SubscriptionCaps.Settings caps,
            long viewsMemory,
            SecuritySettings security,
            Audit audit,
            ConsumingSettings consuming,
            Optional<SharedState> shared) {
        private static final long VIEWS_MEMORY = 32L << 20;

        /** With the standard way to consume, alone. */
        public Settings(
                String clusterName,
                Publisher.Settings publishing,
                Retention.Settings retention,
                SubscriptionCaps.Settings caps,
                long viewsMemory,
                SecuritySettings security,
                Audit audit) {
            this(
                    clusterName,
                    publishing,
                    retention,
                    caps,
                    viewsMemory,
                    security,
                    audit,
                    ConsumingSettings.STANDARD,
                    Optional.empty());
        }

        /** With 32 MB for the large views, no caps and security off. */
        public Settings(String clusterName, Publisher.Settings publishing, Retention.Settings retention) {
            this(clusterName, publishing, retention, VIEWS_MEMORY);
        }

        /** With no caps and security off. */
        public Settings(
                String clusterName, Publisher.Settings publishing, Retention.Settings retention, long viewsMemory) {
            this(
                    clusterName,
                    publishing,
                    retention,
                    SubscriptionCaps.Settings.NONE,
                    viewsMemory,
                    SecuritySettings.off(),
                    Audit.NONE);
        }
    }

    private final Settings settings;

    /** @param alone whether the state is this broker's own and is closed with it */
    private Broker(Settings settings, KeyFile keys, BrokerState state, InstantSource clock, boolean alone) {
        this.settings = settings;
        this.state = state;
        this.alone = alone;
        LogConfig logConfig = state.logConfig();
        QueueWatches watches = state.watches();
        live = state.live();
        published = state.published();
        views = state.views();
        log = state.log();
        followers = new MessageFollowers();
        traces = new MessageTraces(followers, clock);
        committer = new Committer(log, followers);
        messages = new MessageReader(log, views.largeBodies());
        queues = new QueueReader(log, watches, views.largeBodies());
        coldReads = new ColdReads(log);
        finder = new MessageFinder(log, views.topics(), views.largeBodies(), coldReads);
        topics = new Topics(views.topics(), committer);
        groups = new Groups(views.groups(), committer);
        changedSettings = new RuntimeSettings(views.settings(), committer);
        connectors = new Connectors(views.connectors(), committer);
        directory = logConfig.directory();
        long started = log.end();
        MessageCodec codec = new MessageCodec(settings.clusterName(), messageIds(clock));
        temporaries = new TemporaryDestinations(codec, TEMPORARY_BYTES);
        timers = new Timers(
                views.timers(),
                committer,
                queues,
                clock,
                settings.publishing().maxMessageSize(),
                logConfig.maxEntrySize());
        direct = new DirectDelivery(temporaries);
        publisher = new Publisher(
                topics,
                committer,
                live,
                followers,
                views.subscriptions(),
                groups,
                codec,
                timers,
                direct,
                new QueueDepth(
                        views.subscriptions(),
                        log.index(),
                        settings.publishing().queueDepth()),
                clock,
                settings.publishing());
        redeliveries = new Redeliveries(changedSettings, settings.consuming().redelivery());
        deadLetters = new DeadLetters(publisher);
        subscriptions = new Subscriptions(
                views.subscriptions(),
                committer,
                new SubscriptionContext(
                        log.index(),
                        () -> Math.max(started, views.appliedBelow()),
                        messages,
                        watches,
                        committer,
                        coldReads,
                        (key, position, flags, expiresAt) -> isOver(key, position, flags, expiresAt, started, clock),
                        new Comeback(redeliveries, deadLetters, clock)));
        sessions = new Sessions(views.sessions(), committer, subscriptions, clock);
        sharedSubscriptions = new SharedSubscriptions(views.sessions(), committer, subscriptions, clock);
        wills = new StoredWills(views.wills(), committer);
        requestModes = new RequestModes(views.requestModes(), committer);
        halfMessages = new HalfMessages(
                views.halfMessages(), committer, queues, settings.publishing().maxMessageSize());
        retention = new Retention(
                log, views, committer, clock, () -> directory.toFile().getUsableSpace(), settings.retention());
        caps = new SubscriptionCaps(views.subscriptions(), subscriptions, queues, committer, clock, settings.caps());
        shared = settings.shared().orElseGet(() -> SharedState.alone(0, clock));
        security = new Security(
                settings.security(),
                keys,
                views.accounts(),
                views.topics(),
                committer,
                clock,
                settings.audit(),
                shared.logins());
        transactions = new XaTransactions(
                views.preparedBranches(),
                publisher,
                committer,
                queues,
                coldReads,
                topics,
                clock,
                settings.consuming().transactionTimeout());
        clients = new ClientDirectory(clock);
        maintenance = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "polymq-maintenance");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static MessageIds messageIds(InstantSource clock) {
        return new MessageIds(
                InetAddress.getLoopbackAddress().getAddress(),
                ProcessHandle.current().pid(),
                ThreadLocalRandom.current().nextInt(),
                clock);
    }

    /** Opens the log of a single node, recovers, and starts the periodic work. */
    public static Broker open(
            Settings settings, LogConfig logConfig, Disk disk, InstantSource clock, Failpoints failpoints)
            throws IOException {
        KeyFile keys = KeyFile.open(settings.security()); // before the log: nothing is open if it is refused
        BrokerState state = BrokerState.open(
                logConfig, settings.viewsMemory(), clock, views -> Log.open(logConfig, disk, clock, failpoints, views));
        Broker broker = new Broker(settings, keys, state, clock, true);
        try {
            broker.start();
        } catch (IOException | RuntimeException e) {
            broker.close();
            throw e;
        }
        return broker;
    }

    /**
     * The services over the state of a node of a group, which outlives them. Until {@link #start} they only read: that
     * is all that a node may do that follows.
     *
     * @throws IOException if the key file cannot be used
     */
    public static Broker over(BrokerState state, Settings settings, InstantSource clock) throws IOException {
        return new Broker(settings, KeyFile.open(settings.security()), state, clock, false);
    }

    /**
     * Takes up what the run before left, and starts the periodic work. Once, and in a group only when the log takes
     * requests: on the node that leads.
     */
    public void start() throws IOException {
        security.makeFirstUser();
        sessions.brokerStarted();
        timers.start();
        dropUnfinishedBodies();
        subscriptions.brokerStarted();
        every(100, "saving offsets and acknowledgements", this::save);
        every(1_000, "ending sessions", sessions::expire);
        every(1_000, "ending transactions", transactions::expire);
        every(settings.retention().period().toMillis(), "retention", this::runRetention);
        every(10_000, "sampling rates", published::sample);
    }

    public Topics topics() {
        return topics;
    }

    public Publisher publisher() {
        return publisher;
    }

    /** Which native groups consume by POP. */
    public RequestModes requestModes() {
        return requestModes;
    }

    /** Transactional messages of native producers. */
    public HalfMessages halfMessages() {
        return halfMessages;
    }

    public Groups groups() {
        return groups;
    }

    /** Settings that were changed at run time. */
    public RuntimeSettings changedSettings() {
        return changedSettings;
    }

    /** What connectors use of this broker. */
    public ConnectorBroker forConnectors() {
        return new ConnectorBroker(
                connectors, topics, publisher, groups, queues, subscriptions, deadLetters, changedSettings, security);
    }

    /** How large the log is, and the disk it is on. */
    public LogFigures logFigures() {
        File data = directory.toFile();
        List<SegmentInfo> sealed = log.sealedSegments();
        return new LogFigures(
                log.start(),
                log.end(),
                sealed.isEmpty() ? 0 : sealed.get(0).firstTime(),
                data.getTotalSpace(),
                data.getUsableSpace());
    }

    public Subscriptions subscriptions() {
        return subscriptions;
    }

    public TemporaryDestinations temporaries() {
        return temporaries;
    }

    /** Destinations that are one connected client. */
    public DirectDelivery direct() {
        return direct;
    }

    public Sessions sessions() {
        return sessions;
    }

    /** MQTT's wills. */
    public StoredWills wills() {
        return wills;
    }

    /** MQTT's shared subscriptions. */
    public SharedSubscriptions shared() {
        return sharedSubscriptions;
    }

    /** Which retained messages there are; read them through {@link #messages}. */
    public RetainedView retained() {
        return views.retained();
    }

    /** Where transient subscribers come and go. */
    public LiveRouter live() {
        return live;
    }

    /** How often and when JMS consumers get a message again. */
    public Redeliveries redeliveries() {
        return redeliveries;
    }

    /** Dead letters of JMS subscriptions and connectors since the start. */
    public long deadLetters() {
        return deadLetters.count();
    }

    /** Branches of transactions that a transaction manager outside decides about. */
    public XaTransactions transactions() {
        return transactions;
    }

    /** Messages that become visible later. */
    public Timers timers() {
        return timers;
    }

    public MessageReader messages() {
        return messages;
    }

    public QueueReader queues() {
        return queues;
    }

    /** Finds messages by key, id and time. */
    public MessageFinder finder() {
        return finder;
    }

    /** Where adapters read what lies far behind the log's end. */
    public ColdReads coldReads() {
        return coldReads;
    }

    /** Users and permissions: who may do what. */
    public Security security() {
        return security;
    }

    /** Counts the connections of each user. */
    public UserConnections userConnections() {
        return shared.users();
    }

    /** Who follows what happens to messages. */
    public MessageFollowers followers() {
        return followers;
    }

    /** Traces that operators asked for. */
    public MessageTraces traces() {
        return traces;
    }

    /** Who is connected. */
    public ClientDirectory clients() {
        return clients;
    }

    /** The log, for health, figures and tests. */
    public Log log() {
        return log;
    }

    /** Whether a write to the disk failed: nothing is stored until a restart. */
    public boolean storageFailed() {
        return log.failed();
    }

    /** What was stored since the start, by topic id. */
    public Meters<Integer> published() {
        return published;
    }

    /** Messages in chunks, those on their way in included. */
    public int largeBodies() {
        return views.largeBodies().size();
    }

    /** Messages stored since the start. */
    public long messagesStored() {
        return views.messagesApplied();
    }

    /** Has the maintenance thread look for dead segments soon. */
    public void requestRetention() {
        maintenance.execute(() -> guarded("retention", this::runRetention));
    }

    /** Takes what exceeds caps, and looks for dead segments now. */
    public synchronized int runRetention() {
        caps.run();
        return retention.run();
    }

    /** What retention does. */
    public Retention retention() {
        return retention;
    }

    /** What caps took from subscriptions. */
    public SubscriptionCaps caps() {
        return caps;
    }

    /**
     * Stops the periodic work and writes what is coalesced; a single node's log is closed, a group's stays open.
     * Connections must be closed before.
     */
    @Override
    public void close() {
        maintenance.shutdown();
        try {
            if (!maintenance.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("periodic work did not stop within 10 s; closing the log all the same");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        timers.close();
        deadLetters.close();
        coldReads.close();
        security.close();
        topics.close();
        save();
        if (alone) {
            state.close();
        }
    }

    // Whoever sent them is gone with the run before.
    private void dropUnfinishedBodies() {
        List<Long> unfinished = views.largeBodies().withoutMessage();
        if (!unfinished.isEmpty()) {
            committer.<Boolean>control(
                    List.of(LargeBodies.dropRecord(unfinished)),
                    Lane.direct(),
                    Reply.of(
                            done -> LOG.info("{} large bodies without their message are dropped", unfinished.size()),
                            refused ->
                                    LOG.warn("large bodies without their message stay until the next start", refused)),
                    results -> true);
        }
    }

    private void save() {
        groups.save();
        subscriptions.save();
    }

    private void every(long millis, String what, Runnable task) {
        maintenance.scheduleWithFixedDelay(() -> guarded(what, task), millis, millis, TimeUnit.MILLISECONDS);
    }

    private static void guarded(String what, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("periodic work failed: {}", what, e);
        }
    }

    // Expired messages reach nobody. What was not durable is done for JMS when the broker starts again.
    private static boolean isOver(
            SubscriptionKey key, long position, int flags, long expiresAt, long started, InstantSource clock) {
        if (expiresAt != 0 && clock.millis() >= expiresAt) {
            return true;
        }
        boolean lostAtRestart = key.kind() != SubscriptionKey.Kind.MQTT_SESSION
                && key.kind() != SubscriptionKey.Kind.MQTT_SHARED
                && key.kind() != SubscriptionKey.Kind.POP
                && key.kind() != SubscriptionKey.Kind.CONNECTOR;
        return lostAtRestart && position < started && (flags & MessageRecord.DURABLE) == 0;
    }
}
