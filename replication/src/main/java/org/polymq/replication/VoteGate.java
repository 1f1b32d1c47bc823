/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.GroupLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node from voting that may have lost the end of its log. With its vote a node could lead that lacks what this
 * one had acknowledged. It votes again when it has all that is committed: everything up to an entry that a leader
 * committed in its own term, since before that a leader does not know how far its predecessors had come.
 */
final class VoteGate {
    private static final Logger LOG = LoggerFactory.getLogger(VoteGate.class);

    private final GroupLog log;
    private volatile boolean open;
    private volatile @Nullable Runnable opened;

    VoteGate(GroupLog log, boolean open) {
        this.log = log;
        this.open = open;
    }

    boolean isOpen() {
        return open;
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
        open = true;
        LOG.info("This node has all again that its group has committed: it votes");
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
        return new Passing<>(processor) {
            @Override
            public void handleRequest(RpcContext context, T request) {
                if (open) {
                    super.handleRequest(context, request);
                } else {
                    context.sendResponse(ErrorResponse.newBuilder()
                            .setErrorCode(RaftError.EPERM.getNumber())
                            .setErrorMsg("the power of this node was cut: it does not vote until it has caught up")
                            .build());
                }
            }
        };
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
