/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import java.util.List;
import java.util.function.Supplier;

/** Which nodes of the cluster are there, as they say of themselves every few seconds. Safe from any thread. */
public interface Presence {
    /** What this node says of itself from now on; asked on a thread of the grid. */
    void say(Supplier<NodePresence> own);

    /** All that are there, this one among them once it has said something; by name. Some seconds old. */
    List<NodePresence> nodes();

    /** Client connections of all other nodes. Some seconds old. */
    long connectionsElsewhere();
}
