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
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.GroupLog;

/**
 * Asks other nodes how far their logs go, and answers it. The question is the engine's ping; the answer is in its text.
 * Safe from any thread.
 */
final class LogEndQuestion implements AutoCloseable {
    private static final long ANSWER_MILLIS = 2_000;
    private static final String WOULD_NOT_LEAD = ", and would not lead";

    private final RpcClient client;

    /** @param client for this alone */
    LogEndQuestion(RpcClient client) {
        this.client = client;
    }

    /**
     * What a node says.
     *
     * @param wouldLead whether it would take the lead if it were given it
     */
    record Answer(LogEnd end, boolean wouldLead) {
        static Optional<Answer> of(String text) {
            boolean wouldLead = !text.endsWith(WOULD_NOT_LEAD);
            return LogEnd.of(wouldLead ? text : text.substring(0, text.length() - WOULD_NOT_LEAD.length()))
                    .map(end -> new Answer(end, wouldLead));
        }

        String toText() {
            return end.toText() + (wouldLead ? "" : WOULD_NOT_LEAD);
        }
    }

    /**
     * Asks one node; does not wait.
     *
     * @param then gets the answer on {@code executor}
     * @param otherwise gets the reason on {@code executor}, or here, if there is none
     */
    void ask(PeerId node, Executor executor, Consumer<Answer> then, Consumer<Throwable> otherwise) {
        PingRequest question = PingRequest.newBuilder()
                .setSendTimestamp(System.currentTimeMillis())
                .build();
        try {
            client.invokeAsync(
                    node.getEndpoint(),
                    question,
                    null,
                    new InvokeCallback() {
                        @Override
                        public void complete(@Nullable Object result, @Nullable Throwable error) {
                            Optional<Answer> answer = result instanceof ErrorResponse said
                                    ? Answer.of(said.getErrorMsg())
                                    : Optional.empty();
                            if (answer.isPresent()) {
                                then.accept(answer.get());
                            } else {
                                otherwise.accept(
                                        error == null ? new RemotingException("an unknown answer: " + result) : error);
                            }
                        }

                        @Override
                        public Executor executor() {
                            return executor;
                        }
                    },
                    ANSWER_MILLIS);
        } catch (RemotingException e) {
            otherwise.accept(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a question failed since nothing listens where the node did: on a machine that goes on, it has ended. */
    static boolean isRefused(Throwable failure) {
        return failure.getCause() instanceof ConnectException refused && !(refused instanceof ConnectTimeoutException);
    }

    /** Answers the question of other nodes. */
    static RpcProcessor<PingRequest> answering(GroupLog log, BooleanSupplier wouldLead, Executor executor) {
        return new RpcProcessor<>() {
            @Override
            public void handleRequest(RpcContext context, PingRequest request) {
                context.sendResponse(ErrorResponse.newBuilder()
                        .setErrorCode(0)
                        .setErrorMsg(new Answer(LogEnd.of(log), wouldLead.getAsBoolean()).toText())
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
        client.shutdown();
    }
}
