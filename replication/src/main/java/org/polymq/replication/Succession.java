/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.impl.ConnectionClosedEventListener;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.polymq.storage.GroupLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a follower stand for the lead at once when its leader's process is gone, and not only when the election timeout
 * is over: a process that ends closes its connections, and then its port refuses new ones. Of those that notice, the
 * one with the greatest log stands, among equals the one with the first name. Whether they are right about that decides
 * how long the group has no leader, never what it loses: it is an election like any other. Safe from any thread.
 */
final class Succession implements ConnectionClosedEventListener {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

    /** Logs still grow by what had come from the leader, and connections are being opened. */
    private static final int ROUNDS = 20;

    private static final long PAUSE_MILLIS = 50;

    private final NodeImpl node;
    private final PeerId self;
    private final GroupMachine machine;
    private final GroupLog log;
    private final VoteGate gate;
    private final LogEndQuestion question;
    private final Executor executor;
    /** A leader is being asked. Guarded by this. */
    private boolean busy;
    /** A connection ended meanwhile. Guarded by this. */
    private boolean again;

    /**
     * Of one node.
     *
     * @param executor runs what may block
     */
    Succession(
            NodeImpl node,
            GroupMachine machine,
            GroupLog log,
            VoteGate gate,
            LogEndQuestion question,
            Executor executor) {
        this.node = node;
        this.self = node.getServerId();
        this.machine = machine;
        this.log = log;
        this.gate = gate;
        this.question = question;
        this.executor = executor;
    }

    /** Some node's connection to this one has ended. */
    @Override
    public void onClosed(String remoteAddress, Connection connection) {
        look();
    }

    private void look() {
        PeerId leader = node.getLeaderId();
        if (leader != null && !leader.isEmpty() && !leader.equals(self) && begin()) {
            new Vacancy(leader.copy(), machine.knownTerm()).round(1);
        }
    }

    private synchronized boolean begin() {
        again = busy;
        busy = true;
        return !again;
    }

    /** It is known of one leader; the connection that ended meanwhile may have been another's. */
    private void end() {
        boolean missed;
        synchronized (this) {
            busy = false;
            missed = again;
            again = false;
        }
        if (missed) {
            look();
        }
    }

    /** One leader that may be gone. */
    private final class Vacancy {
        private final PeerId leader;
        private final long term;

        Vacancy(PeerId leader, long term) {
            this.leader = leader;
            this.term = term;
        }

        void round(int number) {
            if (number > ROUNDS
                    || !leader.equals(node.getLeaderId())
                    || machine.knownTerm() != term
                    || !gate.isOpen()) {
                end();
                return;
            }
            question.ask(leader, executor, alive -> end(), failure -> {
                if (LogEndQuestion.isRefused(failure)) {
                    askOthers();
                }
                CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS, executor)
                        .execute(() -> round(number + 1));
            });
        }

        private void askOthers() {
            Configuration members = node.getCurrentConf();
            if (members == null || !members.contains(self)) {
                return;
            }
            List<PeerId> others = members.listPeers().stream()
                    .filter(each -> !each.equals(self) && !each.equals(leader))
                    .toList();
            Poll poll = new Poll(this, members.size() / 2 + 1);
            for (PeerId each : others) {
                // Votes go over a connection of the engine's own, which has to be open by then.
                boolean heard = node.getRpcService().connect(each.getEndpoint());
                question.ask(
                        each,
                        executor,
                        answer -> {
                            if (heard) {
                                poll.answered(each, answer);
                            }
                        },
                        failure -> LOG.debug("{} does not say how far its log goes", each, failure));
            }
        }

        private void stand() {
            LOG.info("The leader {} is gone: this node stands for the lead", leader);
            node.handleTimeoutNowRequest(
                    TimeoutNowRequest.newBuilder()
                            .setGroupId(node.getGroupId())
                            .setServerId(leader.toString())
                            .setPeerId(self.toString())
                            .setTerm(term)
                            .build(),
                    new RpcRequestClosure(new Nobody()));
        }
    }

    /** The answers of one round. */
    private final class Poll {
        private final Vacancy vacancy;
        private final int majority;
        private final Set<PeerId> behind = new HashSet<>(); // guarded by this

        Poll(Vacancy vacancy, int majority) {
            this.vacancy = vacancy;
            this.majority = majority;
        }

        void answered(PeerId other, LogEndQuestion.Answer answer) {
            int order = answer.end().compareTo(LogEnd.of(log));
            boolean goesFirst = answer.wouldLead()
                    && (order > 0 || (order == 0 && other.toString().compareTo(self.toString()) < 0));
            boolean enough;
            synchronized (this) {
                enough = !goesFirst && order <= 0 && behind.add(other) && behind.size() + 1 == majority;
            }
            if (enough) {
                vacancy.stand();
            }
        }
    }

    /** Whom the engine tells that it stands. */
    private static final class Nobody implements RpcContext {
        @Override
        public void sendResponse(Object response) {
            // The election says how it went.
        }

        @Override
        public Connection getConnection() {
            throw new IllegalStateException("no other node has asked for this election");
        }

        @Override
        public String getRemoteAddress() {
            return "this node";
        }
    }
}
