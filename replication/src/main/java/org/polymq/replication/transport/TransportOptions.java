/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.rpc.RpcClient;
import java.util.function.BooleanSupplier;

/** The engine's options for one node, which hand the transport through to its connections. */
public final class TransportOptions extends NodeOptions {
    private final NodeTransport transport;
    private final BooleanSupplier mayStand;

    /** Default options for a node with this transport. */
    public TransportOptions(NodeTransport transport) {
        this(transport, () -> true);
    }

    /** @param mayStand whether the node may ask for votes right now; the engine itself cannot be told */
    public TransportOptions(NodeTransport transport, BooleanSupplier mayStand) {
        this.transport = transport;
        this.mayStand = mayStand;
    }

    boolean mayStand() {
        return mayStand.getAsBoolean();
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
