/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.util.concurrent.CompletionStage;
import org.polymq.broker.connector.lend.LendingGroups;

/**
 * The groups of a cluster, over which connectors can be spread, as the runner of one of them sees the others. Those
 * that are spread are defined in the first group; the others mirror them. Safe from any thread; nothing blocks.
 */
public interface ConnectorGroups extends LendingGroups {
    /** The connectors of the first group, as this process's copy of its log has them. */
    Connectors defined();

    /**
     * Asks a group's leader how the connectors that are spread are doing there.
     *
     * @param after only those whose names come behind this; empty: from the first on
     * @return fails with a {@link org.polymq.broker.BrokerException} of reason UNAVAILABLE if no leader answers in a
     *     few seconds
     */
    CompletionStage<ConnectorReports> ask(int slot, String after);
}
