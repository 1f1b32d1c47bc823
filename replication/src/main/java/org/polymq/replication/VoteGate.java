/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.GroupLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node from voting that may have lost the end of its log. With its vote a node could lead that lacks what this
 * one had acknowledged. It votes again when it has all that is committed: everything up to an entry that a leader
 * committed in its own term, since before that a leader does not know how far its predecessors had come. A node that
 * began empty is the same, but may vote before that if a {@linkplain RollCall roll call} allows it.
 */
final class VoteGate {
    private static final Logger LOG = LoggerFactory.getLogger(VoteGate.class);

    private final GroupLog log;
    private volatile boolean open;
    private volatile @Nullable Runnable opened;
    private volatile @Nullable RollCall rollCall;

    VoteGate(GroupLog log, boolean open) {
        this.log = log;
        this.open = open;
    }

    boolean isOpen() {
        return open;
    }

    /** Whether this node may ask for votes. */
    boolean mayStand() {
        RollCall call = rollCall;
        return open || (call != null && call.allowsThis());
    }

    /** While it is closed this node votes for whom a roll call allows. */
    void ask(RollCall call) {
        rollCall = call;
    }

    /** Runs when it opens, or now if it did already. At most twice. */
    void whenOpen(Runnable action) {
        if (open) {
            return;
        }
        opened = action;
        if (open) {
            action.run();
        }
    }

    /** A leader says how far the group is. */
    void heard(long committed, long term) {
        if (open || committed == 0 || log.lastIndex() < committed || log.term(committed) != term) {
            return;
        }
        open();
    }

    /** This node has all that is committed. */
    void open() {
        if (open) {
            return;
        }
        open = true;
        LOG.info("This node has all that its group has committed: it votes");
        Runnable action = opened;
        if (action != null) {
            action.run();
        }
    }

    /** The same processor; it hears what leaders say. */
    RpcProcessor<AppendEntriesRequest> watching(RpcProcessor<AppendEntriesRequest> processor) {
        return new Passing<>(processor) {
            @Override
            public void handleRequest(RpcContext context, AppendEntriesRequest request) {
                super.handleRequest(context, request);
                heard(request.getCommittedIndex(), request.getTerm());
            }
        };
    }

    /** The same processor, which refuses while this is closed. */
    <T> RpcProcessor<T> guarding(RpcProcessor<T> processor) {
        return new Guarded<>(processor, request -> open);
    }

    /** The same processor, which refuses while this is closed, unless a roll call allows that vote. */
    RpcProcessor<RequestVoteRequest> guardingVotes(RpcProcessor<RequestVoteRequest> processor) {
        return new Guarded<>(processor, request -> {
            RollCall call = rollCall;
            return open
                    || (call != null && call.allows(new LogEnd(request.getLastLogTerm(), request.getLastLogIndex())));
        });
    }

    private static final class Guarded<T> extends Passing<T> {
        private final Predicate<T> allowed;

        private Guarded(RpcProcessor<T> processor, Predicate<T> allowed) {
            super(processor);
            this.allowed = allowed;
        }

        @Override
        public void handleRequest(RpcContext context, T request) {
            if (allowed.test(request)) {
                super.handleRequest(context, request);
                return;
            }
            context.sendResponse(ErrorResponse.newBuilder()
                    .setErrorCode(RaftError.EPERM.getNumber())
                    .setErrorMsg("this node began empty, or its power was cut: it does not vote until it has caught up")
                    .build());
        }
    }

    private static class Passing<T> implements RpcProcessor<T> {
        private final RpcProcessor<T> processor;

        private Passing(RpcProcessor<T> processor) {
            this.processor = processor;
        }

        @Override
        public void handleRequest(RpcContext context, T request) {
            processor.handleRequest(context, request);
        }

        @Override
        public String interest() {
            return processor.interest();
        }

        @Override
        public Executor executor() {
            return processor.executor();
        }

        @Override
        public ExecutorSelector executorSelector() {
            return processor.executorSelector();
        }
    }
}
