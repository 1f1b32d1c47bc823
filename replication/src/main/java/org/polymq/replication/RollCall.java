/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.PingRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.GroupLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks all nodes that a group begins with how far their logs go, for a node that began empty. Once all have answered,
 * whoever has the greatest log may lead with this node's vote: nothing that is still there is lost so, be it the first
 * time that the group is formed, with all logs empty, or after all nodes but a copy were emptied. The question is the
 * engine's ping; the answer is in its text.
 */
final class RollCall implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RollCall.class);
    private static final long EVERY_MILLIS = 150;
    private static final long ANSWER_MILLIS = 2_000;

    private final List<PeerId> others;
    private final GroupLog log;
    private final RpcClient client;
    private final Map<PeerId, LogEnd> told = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "polymq-roll-call");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Does not ask before {@link #start}.
     *
     * @param others all nodes but this one
     * @param client for this alone
     */
    RollCall(List<PeerId> others, GroupLog log, RpcClient client) {
        this.others = List.copyOf(others);
        this.log = log;
        this.client = client;
    }

    void start() {
        LOG.info(
                "The log of this node is empty, or has not caught up: it neither votes nor leads until it has, or until"
                        + " all of {} have answered and none of them has more",
                others);
        var unused = timer.scheduleWithFixedDelay(this::ask, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void ask() {
        for (PeerId each : others) {
            try {
                PingRequest question = PingRequest.newBuilder()
                        .setSendTimestamp(System.currentTimeMillis())
                        .build();
                client.invokeAsync(each.getEndpoint(), question, null, new Answer(each), ANSWER_MILLIS);
            } catch (RemotingException e) {
                LOG.debug("{} cannot be asked how far its log goes", each, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private final class Answer implements InvokeCallback {
        private final PeerId from;

        private Answer(PeerId from) {
            this.from = from;
        }

        @Override
        public void complete(@Nullable Object result, @Nullable Throwable error) {
            if (result instanceof ErrorResponse answer) {
                LogEnd.of(answer.getErrorMsg()).ifPresent(end -> told.put(from, end));
            }
        }

        @Override
        public Executor executor() {
            return timer;
        }
    }

    /** Whether this node may vote for one whose log ends there. */
    boolean allows(LogEnd candidate) {
        return others.stream().allMatch(each -> {
            LogEnd end = told.get(each);
            return end != null && candidate.compareTo(end) >= 0;
        });
    }

    /** Whether this node may lead. */
    boolean allowsThis() {
        return allows(LogEnd.of(log));
    }

    /** Answers the question of other nodes. */
    static RpcProcessor<PingRequest> answering(GroupLog log, Executor executor) {
        return new RpcProcessor<>() {
            @Override
            public void handleRequest(RpcContext context, PingRequest request) {
                context.sendResponse(ErrorResponse.newBuilder()
                        .setErrorCode(0)
                        .setErrorMsg(LogEnd.of(log).toText())
                        .build());
            }

            @Override
            public String interest() {
                return PingRequest.class.getName();
            }

            @Override
            public Executor executor() {
                return executor;
            }
        };
    }

    @Override
    public void close() {
        timer.shutdownNow();
        client.shutdown();
    }
}
