/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import org.polymq.broker.Broker;
import org.polymq.nameserver.TopicTable;

/** What a node of a group is right now: it leads or it follows. Closed when it is not any more. */
interface NodeRole extends AutoCloseable {
    /** The services over the node's state; of one that follows they only read. */
    Broker broker();

    /** What the listeners speak meanwhile. */
    Speaking speaking();

    /** The node's id at name servers. */
    int brokerId();

    /** What name servers are told of its topics. */
    TopicTable topics();

    /** The term in which it leads; 0 if it follows. */
    long term();

    @Override
    void close();
}
