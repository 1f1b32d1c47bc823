/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The groups of a cluster, as one of them that lends or borrows sees them. Safe from any thread; nothing blocks. */
public interface LendingGroups {
    /** The groups' names by slot. */
    List<String> names();

    /** Which of them this is, from 0. */
    int slot();

    /**
     * Opens a stream to the first group's leader, which lends tasks of sources over it.
     *
     * @param handler is added to the stream's pipeline before anything is read
     * @return fails with a {@link org.polymq.broker.BrokerException} of reason UNAVAILABLE if no leader took it in a
     *     few seconds
     */
    CompletionStage<Channel> openHome(ChannelHandler handler);
}
