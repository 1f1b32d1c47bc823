/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.rpc.RpcClient;
import java.util.function.BooleanSupplier;

/** The engine's options for one node, which hand the transport through to its connections. */
public final class TransportOptions extends NodeOptions {
    private final NodeTransport transport;
    private final BooleanSupplier mayStand;
    private final FollowerListener followers;

    /** Hears where a follower's log ends. */
    @FunctionalInterface
    public interface FollowerListener {
        /** On the thread of a connection, which must not be held up. */
        void heard(String member, long lastIndex);
    }

    /** Default options for a node with this transport. */
    public TransportOptions(NodeTransport transport) {
        this(transport, () -> true, (member, lastIndex) -> {});
    }

    /**
     * Of one node.
     *
     * @param mayStand whether the node may ask for votes right now; the engine itself cannot be told
     * @param followers hears what followers answer to a leader
     */
    public TransportOptions(NodeTransport transport, BooleanSupplier mayStand, FollowerListener followers) {
        this.transport = transport;
        this.mayStand = mayStand;
        this.followers = followers;
    }

    boolean mayStand() {
        return mayStand.getAsBoolean();
    }

    FollowerListener followers() {
        return followers;
    }

    NodeTransport transport() {
        return transport;
    }

    /** Connections of their own to other nodes. */
    public RpcClient newClient() {
        NodeClient client = new NodeClient();
        client.init(this);
        return client;
    }
}
