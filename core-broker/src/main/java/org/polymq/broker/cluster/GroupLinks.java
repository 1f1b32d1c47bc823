/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletionStage;

/**
 * How a gateway reaches the groups of its cluster, whether this process leads them, follows or has no part in them.
 * What a stream tells of the client's login: {@link GatewayClient}. A stream that breaks is closed; when a leader is
 * lost that is known here before TCP would tell it. Safe from any thread.
 */
public interface GroupLinks {
    /** The protocol that a stream is served with. */
    enum Speaks {
        MQTT,
        JMS,
        /** No client's: by it leaders of other groups borrow tasks of connectors. */
        CONNECTORS
    }

    /** The groups by slot, and where names belong. */
    Placement placement();

    /**
     * Opens a stream to a group's leader, where that protocol serves it as it would a connection of the client's own.
     *
     * @param slot from 0
     * @param loop the stream's; the gateway gives that of the client's connection
     * @param handler is added to the stream's pipeline when the leader has taken it, on that loop, before anything is
     *     read; what the stream brings are the protocol's bytes
     * @param leaderless is run later on the loop, once at most, when nobody seems to lead the group right now; a leader
     *     is looked for on
     * @return the stream; fails with a {@link org.polymq.broker.BrokerException} of reason UNAVAILABLE if no leader
     *     took it in a few seconds. Its listeners run on the loop
     */
    CompletionStage<Channel> open(
            int slot, Speaks speaks, GatewayClient client, EventLoop loop, ChannelHandler handler, Runnable leaderless);

    /** The same where everybody waits for a leader in any case. */
    default CompletionStage<Channel> open(
            int slot, Speaks speaks, GatewayClient client, EventLoop loop, ChannelHandler handler) {
        return open(slot, speaks, client, loop, handler, () -> {});
    }

    /**
     * The group in which a queue is: where it was made, since it stays there when groups are added, else where it
     * belongs if it is to be made.
     *
     * @return the slot; fails as {@link #open} does if a group cannot be asked
     */
    CompletionStage<Integer> ofQueue(String name, EventLoop loop);
}
