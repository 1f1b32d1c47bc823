/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.NodeManager;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.rpc.impl.core.AppendEntriesRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.GetFileRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.InstallSnapshotRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.ReadIndexRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.RequestVoteRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.TimeoutNowRequestProcessor;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.snapshot.ThroughputSnapshotThrottle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.polymq.replication.transport.NodePort;
import org.polymq.replication.transport.NodeServer;
import org.polymq.replication.transport.NodeTransport;
import org.polymq.replication.transport.TransportOptions;
import org.polymq.storage.GroupLog;
import org.polymq.storage.Log;
import org.polymq.storage.ProposedEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's part in its group: the only type through which the rest of PolyMQ sees the Raft engine. Safe from any
 * thread.
 */
public final class RaftGroup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftGroup.class);

    static {
        // By itself the engine keeps, for each thread, up to 4,096 buffers of up to 4 MB each, to use them again.
        System.getProperties().putIfAbsent("jraft.recyclers.maxCapacityPerThread", "0");
    }

    /** How long the end of the engine is waited for. */
    private static final Duration END = Duration.ofSeconds(15);

    private static final int MOST_THREADS = 32;
    private static final int RING = 4096;
    /**
     * Requests on their way to one follower, and bytes in each: what a follower that does not answer costs the heap.
     */
    private static final int MOST_ON_THE_WAY = 16;

    private static final int MOST_AT_ONCE = 128 << 10;
    private static final long ALMOST = 1_000;

    private final GroupOptions options;
    private final Log log;
    private final NodeServer server;
    private final ExecutorService executor;
    private final PeerId self;
    private final NodeImpl node;
    private final GroupMachine machine;
    private final VoteGate gate;
    private final LogEndQuestion question;
    private final AtomicBoolean leaving;
    private final AtomicReference<@Nullable RollCall> rollCall = new AtomicReference<>();

    private RaftGroup(
            GroupOptions options,
            Log log,
            NodeServer server,
            ExecutorService executor,
            PeerId self,
            NodeImpl node,
            GroupMachine machine,
            VoteGate gate,
            LogEndQuestion question,
            AtomicBoolean leaving) {
        this.options = options;
        this.log = log;
        this.server = server;
        this.executor = executor;
        this.self = self;
        this.node = node;
        this.machine = machine;
        this.gate = gate;
        this.question = question;
        this.leaving = leaving;
    }

    /** What has to happen before the log is opened: a snapshot that another node sent takes its place. */
    public static void beforeLog(GroupOptions options, Path logDirectory) throws IOException {
        Files.createDirectories(options.directory());
        new Adoption(options.directory(), logDirectory).run();
    }

    /**
     * Joins the group; returns before there is a leader.
     *
     * @param log opened in a group, with the identity of the options
     * @param port where to listen for the other nodes
     * @throws IOException if the port cannot be had or the engine does not start
     */
    public static RaftGroup open(
            GroupOptions options,
            NodeTransport transport,
            NodePort port,
            Log log,
            Path logDirectory,
            Leadership leadership)
            throws IOException {
        PeerId self = PeerId.parsePeer(options.self());
        Adoption adoption = new Adoption(options.directory(), logDirectory);
        Path staging = options.directory().resolve("staged");
        SnapshotStage.delete(staging);
        FollowerEnds followers = new FollowerEnds(options.keepFor(), System::nanoTime);
        GroupMachine machine = new GroupMachine(log, logDirectory, staging, adoption, leadership, followers);
        log.group().listen(machine::snapshotTaken);

        ExecutorService executor = new ThreadPoolExecutor(
                0, MOST_THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), RaftGroup::thread);
        NodeServer server = new NodeServer(transport, port, executor);
        CatchUpMark mark = CatchUpMark.of(options.directory(), log.group().lastIndex() == 0);
        VoteGate gate = new VoteGate(log.group(), options.mayVote() && !mark.isSet());
        machine.whenLeading(gate::open);
        AtomicBoolean leaving = new AtomicBoolean();
        register(server, executor, gate, log.group(), leaving);
        if (!server.init(null)) {
            executor.shutdown();
            throw new IOException("the port " + port.address() + " for the other nodes of the group cannot be had");
        }
        TransportOptions nodeOptions = new TransportOptions(transport, gate::mayStand, followers::heard);
        configure(nodeOptions, options, machine, new BrokerLogStorage(log.group(), adoption.newest()));
        NodeManager.getInstance().addAddress(self.getEndpoint());
        NodeImpl node = new NodeImpl(options.group(), self);
        RaftGroup group = new RaftGroup(
                options,
                log,
                server,
                executor,
                self,
                node,
                machine,
                gate,
                new LogEndQuestion(nodeOptions.newClient()),
                leaving);
        server.registerConnectionClosedEventListener(
                new Succession(node, machine, log.group(), gate, group.question, executor));
        if (!node.init(nodeOptions)) {
            node.shutdown();
            group.leaveNetwork(); // its engine is not waited for: what never started does not end
            throw new IOException("the replication engine does not start; its reason is in the log above");
        }
        if (!gate.isOpen() && options.mayVote() && !options.members().isEmpty()) {
            group.callTheRoll(nodeOptions);
        }
        gate.whenOpen(() -> {
            group.endRollCall();
            group.clear(mark);
            leadership.caughtUp();
        });
        log.whenSnapshotWritten(position -> {
            if (machine.snapshotWritten(position)) {
                node.snapshot(status -> {});
            }
        });
        return group;
    }

    private void callTheRoll(TransportOptions nodeOptions) {
        List<PeerId> others = options.members().stream()
                .map(PeerId::parsePeer)
                .filter(each -> !each.equals(self))
                .toList();
        RollCall call = new RollCall(others, log.group(), new LogEndQuestion(nodeOptions.newClient()));
        rollCall.set(call);
        gate.ask(call);
        call.start();
    }

    private void endRollCall() {
        RollCall call = rollCall.getAndSet(null);
        if (call != null) {
            call.close();
        }
    }

    private void clear(CatchUpMark mark) {
        try {
            mark.clear();
        } catch (IOException e) {
            LOG.error("After the next start this node will not vote at first", e);
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "polymq-replication");
        thread.setDaemon(true);
        return thread;
    }

    // The engine's administration over the wire is left out on purpose: who is in the group is changed at its leader.
    private static void register(
            NodeServer server, ExecutorService executor, VoteGate gate, GroupLog log, AtomicBoolean leaving) {
        AppendEntriesRequestProcessor append = new AppendEntriesRequestProcessor(executor);
        server.registerConnectionClosedEventListener(append);
        server.registerProcessor(gate.watching(append));
        server.registerProcessor(new GetFileRequestProcessor(executor));
        server.registerProcessor(new InstallSnapshotRequestProcessor(executor));
        server.registerProcessor(gate.guardingVotes(new RequestVoteRequestProcessor(executor)));
        server.registerProcessor(LogEndQuestion.answering(log, () -> gate.isOpen() && !leaving.get(), executor));
        server.registerProcessor(gate.guarding(new TimeoutNowRequestProcessor(executor)));
        server.registerProcessor(new ReadIndexRequestProcessor(executor));
    }

    private static void configure(
            NodeOptions node, GroupOptions options, GroupMachine machine, BrokerLogStorage storage) {
        Configuration initial = new Configuration();
        options.members().forEach(each -> initial.addPeer(PeerId.parsePeer(each)));
        node.setInitialConf(initial);
        node.setFsm(machine);
        node.setElectionTimeoutMs((int) options.electionTimeout().toMillis());
        node.setLogUri("log");
        node.setRaftMetaUri(options.directory().resolve("meta").toString());
        node.setSnapshotUri(options.directory().resolve("snapshot").toString());
        node.setSnapshotIntervalSecs(0); // they are taken where a segment ends
        node.setSnapshotThrottle(new ThroughputSnapshotThrottle(options.transferRate(), 1));
        node.setDisableCli(true);
        node.setTimerPoolSize(2);
        node.setRpcProcessorThreadPoolSize(6);
        node.setServiceFactory(services(storage));
        RaftOptions raft = new RaftOptions();
        raft.setSyncMeta(true); // a vote counts once it is on disk
        raft.setDisruptorBufferSize(RING);
        raft.setMaxReplicatorInflightMsgs(MOST_ON_THE_WAY);
        raft.setMaxBodySize(MOST_AT_ONCE);
        node.setRaftOptions(raft);
    }

    private static JRaftServiceFactory services(BrokerLogStorage storage) {
        return new DefaultJRaftServiceFactory() {
            @Override
            public LogStorage createLogStorage(String uri, RaftOptions raftOptions) {
                return storage;
            }
        };
    }

    /** From now on requests to the log are proposed, as long as the node leads in this term. */
    public void acceptProposals(long term) {
        log.group().lead((body, proposed) -> propose(body, proposed, term));
        if (!isLeading(term)) {
            log.group().follow();
        }
    }

    private void propose(ByteBuffer body, ProposedEntry proposed, long term) {
        Task task = new Task(body, new GroupMachine.Waiting(proposed));
        task.setExpectedTerm(term);
        node.apply(task);
    }

    private boolean isLeading(long term) {
        return machine.leadingTerm() == term;
    }

    /** Whether this node leads. */
    public boolean isLeading() {
        return node.isLeader();
    }

    /** The term in which this node leads; 0 if it does not. */
    public long term() {
        return machine.leadingTerm();
    }

    /** The term of the newest leader that this node has heard of; 0 if of none. */
    public long currentTerm() {
        return machine.knownTerm();
    }

    /** This node's address between nodes. */
    public String self() {
        return self.toString();
    }

    /** Name of the group. */
    public String name() {
        return options.group();
    }

    /** Who leads, as far as this node knows. */
    public Optional<String> leader() {
        return Optional.ofNullable(node.getLeaderId())
                .filter(leader -> !leader.isEmpty())
                .map(PeerId::toString);
    }

    /** The members, as the leader knows them; empty on another node. */
    public List<String> members() {
        return node.isLeader() ? node.listPeers().stream().map(PeerId::toString).toList() : List.of();
    }

    /** The members that the leader has heard of lately; empty on another node. */
    public List<String> alive() {
        return node.isLeader()
                ? node.listAlivePeers().stream().map(PeerId::toString).toList()
                : List.of();
    }

    /**
     * Gives the lead to another member, which catches up first, or to the one that has most of the log; returns when
     * that one is about to be asked to take it. If it does not within the election timeout this node leads on.
     *
     * @throws IllegalStateException if there is no such member, or who is in the group is being changed
     */
    public void transferTo(Optional<String> member) {
        Status status = node.transferLeadershipTo(member.map(PeerId::parsePeer).orElse(PeerId.ANY_PEER));
        if (!status.isOk()) {
            throw new IllegalStateException(status.getErrorMsg());
        }
    }

    /**
     * Whether another member would take the lead at once: it can be heard, votes, does not leave, and has all but the
     * last {@value #ALMOST} entries of this node's log. Stays undone if it does not answer.
     */
    public CompletableFuture<Boolean> wouldLead(String member) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        question.ask(
                PeerId.parsePeer(member),
                executor,
                said -> answer.complete(said.wouldLead()
                        && said.end().index() + ALMOST >= log.group().lastIndex()),
                failure -> LOG.debug("{} does not say whether it would lead", member, failure));
        return answer;
    }

    /** From now on this node tells others that it would not lead; it is about to leave. */
    public void leave() {
        leaving.set(true);
    }

    /** Whether this node votes; it does not after a power cut that may have taken a part of its log. */
    public boolean votes() {
        return gate.isOpen();
    }

    /** Takes a node in; done when it has caught up and counts. At the leader only. */
    public CompletableFuture<Void> add(String member) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        node.addPeer(PeerId.parsePeer(member), completing(done));
        return done;
    }

    /** Takes a node out; done when the others have agreed. At the leader only. */
    public CompletableFuture<Void> remove(String member) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        node.removePeer(PeerId.parsePeer(member), completing(done));
        return done;
    }

    private static Closure completing(CompletableFuture<Void> done) {
        return status -> {
            if (status.isOk()) {
                done.complete(null);
            } else {
                done.completeExceptionally(new IllegalStateException(status.getErrorMsg()));
            }
        };
    }

    /** Connections to the replication port that were closed for what came over them. */
    public long refusedConnections() {
        return server.refused();
    }

    /** Leaves: a leader hands the lead over if it can. The log stays open. */
    @Override
    public void close() {
        log.group().follow();
        node.shutdown();
        awaitEnd();
        leaveNetwork();
    }

    /** The engine ends when the log has done what it had begun, which a broken disk may never let it. */
    private void awaitEnd() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread waits = new Thread(
                () -> {
                    try {
                        node.join();
                        ended.complete(null);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "polymq-group-end");
        waits.setDaemon(true);
        waits.start();
        try {
            ended.get(END.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            machine.abandon();
            LOG.warn("The group's engine has not ended after {} s and is left alone", END.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void leaveNetwork() {
        endRollCall();
        question.close();
        server.shutdown();
        executor.shutdown();
        NodeManager.getInstance().removeAddress(self.getEndpoint());
    }
}
