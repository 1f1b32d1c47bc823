/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.Message;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A node's connections to the others: one each, opened when it is needed. Safe from any thread. */
final class NodeClient implements RpcClient {
    private final Map<Endpoint, NodeLink> links = new ConcurrentHashMap<>();
    private volatile @Nullable TransportOptions options;
    private volatile @Nullable ReplicatorGroup replicators;
    private volatile boolean closed;

    @Override
    public boolean init(RpcOptions given) {
        if (!(given instanceof TransportOptions carrier)) {
            throw new IllegalArgumentException("the node's options do not carry its transport");
        }
        options = carrier;
        return true;
    }

    @Override
    public void shutdown() {
        closed = true;
        links.values().forEach(NodeLink::close);
        links.clear();
    }

    @Override
    public boolean checkConnection(Endpoint endpoint) {
        NodeLink link = links.get(endpoint);
        return link != null && link.isConnected();
    }

    @Override
    public boolean checkConnection(Endpoint endpoint, boolean createIfAbsent) {
        if (!createIfAbsent) {
            return checkConnection(endpoint);
        }
        NodeLink link = link(endpoint);
        return link != null && link.connect();
    }

    @Override
    public void closeConnection(Endpoint endpoint) {
        NodeLink link = links.remove(endpoint);
        if (link != null) {
            link.close();
        }
    }

    @Override
    public void registerConnectEventListener(ReplicatorGroup group) {
        replicators = group;
    }

    private @Nullable NodeLink link(Endpoint endpoint) {
        TransportOptions now = options;
        if (closed || now == null) {
            return null;
        }
        return links.computeIfAbsent(endpoint, each -> new NodeLink(now.transport(), each, () -> connected(each)));
    }

    private void connected(Endpoint endpoint) {
        ReplicatorGroup group = replicators;
        if (group != null) {
            group.checkReplicator(new PeerId(endpoint, 0), true);
        }
    }

    @Override
    public Object invokeSync(Endpoint endpoint, Object request, @Nullable InvokeContext context, long timeoutMs)
            throws InterruptedException, RemotingException {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        invokeAsync(endpoint, request, context, new Completion(answer), timeoutMs);
        try {
            return answer.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new InvokeTimeoutException("no answer from " + endpoint + " within " + timeoutMs + " ms");
        } catch (ExecutionException e) {
            throw new RemotingException(String.valueOf(e.getCause()), e.getCause());
        }
    }

    private record Completion(CompletableFuture<Object> answer) implements InvokeCallback {
        @Override
        public void complete(@Nullable Object result, @Nullable Throwable error) {
            if (error != null) {
                answer.completeExceptionally(error);
            } else {
                answer.complete(result);
            }
        }

        @Override
        public Executor executor() {
            return Runnable::run;
        }
    }

    @Override
    public void invokeAsync(
            Endpoint endpoint, Object request, @Nullable InvokeContext context, InvokeCallback callback, long timeoutMs)
            throws RemotingException {
        TransportOptions now = options;
        if (request instanceof RequestVoteRequest && now != null && !now.mayStand()) {
            throw new RemotingException("this node may not lead before it has caught up");
        }
        NodeLink link = link(endpoint);
        if (link == null) {
            throw new RemotingException("the node is stopping");
        }
        InvokeCallback then =
                request instanceof AppendEntriesRequest append && now != null ? heard(append, now, callback) : callback;
        link.send((Message) request, then, timeoutMs);
    }

    /** Tells also where the follower's log ends. */
    private static InvokeCallback heard(AppendEntriesRequest request, TransportOptions now, InvokeCallback callback) {
        return new InvokeCallback() {
            @Override
            public void complete(@Nullable Object result, @Nullable Throwable error) {
                if (result instanceof AppendEntriesResponse answer && answer.hasLastLogIndex()) {
                    now.followers().heard(request.getPeerId(), answer.getLastLogIndex());
                }
                callback.complete(result, error);
            }

            @Override
            public @Nullable Executor executor() {
                return callback.executor();
            }
        };
    }
}
