/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.option.NodeOptions;

/** The engine's options for one node, which hand the transport through to its connections. */
public final class TransportOptions extends NodeOptions {
    private final NodeTransport transport;

    /** Default options for a node with this transport. */
    public TransportOptions(NodeTransport transport) {
        this.transport = transport;
    }

    NodeTransport transport() {
        return transport;
    }
}
