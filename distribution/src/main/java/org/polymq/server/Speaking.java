/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.util.List;
import org.polymq.broker.net.Protocol;

/**
 * What the listeners of a server speak.
 *
 * @param remoting on the port of RocketMQ and JMS
 * @param vip two ports below
 * @param mqtt with and without TLS
 * @param streams of gateways, which a node that leads takes on its port between nodes
 * @param passOn whether connections of clients go on to another node
 */
record Speaking(
        List<Protocol> remoting,
        List<Protocol> vip,
        Protocol mqtt,
        Protocol webSocket,
        Protocol dashboard,
        List<Protocol> streams,
        boolean passOn) {
    Speaking {
        remoting = List.copyOf(remoting);
        vip = List.copyOf(vip);
        streams = List.copyOf(streams);
    }
}
