/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The groups of a cluster, over which connectors can be spread, as the runner of one of them sees the others. Those
 * that are spread are defined in the first group; the others mirror them. Safe from any thread; nothing blocks.
 */
public interface ConnectorGroups {
    /** The groups' names by slot. */
    List<String> names();

    /** Which of them this is, from 0. */
    int slot();

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

    /**
     * Opens a stream to the first group's leader, which lends tasks of sources over it.
     *
     * @param handler is added to the stream's pipeline before anything is read
     * @return fails with a {@link org.polymq.broker.BrokerException} of reason UNAVAILABLE if no leader took it in a
     *     few seconds
     */
    CompletionStage<Channel> openHome(ChannelHandler handler);
}
