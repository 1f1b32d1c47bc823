/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.broker.cluster.GroupLinks.Speaks;

/** One client's streams, by the slots of their groups. Confined to the client's event loop. */
final class Streams {
    private final GroupLinks links;
    private final EventLoop loop;
    private final GatewayMetrics metrics;
    private final @Nullable GroupStream[] bySlot;
    private boolean closed;

    Streams(GroupLinks links, EventLoop loop, GatewayMetrics metrics) {
        this.links = links;
        this.loop = loop;
        this.metrics = metrics;
        this.bySlot = new @Nullable GroupStream[links.placement().groups().size()];
    }

    int groups() {
        return bySlot.length;
    }

    /** Null if there is none to this group, or no such group. */
    @Nullable
    GroupStream get(int slot) {
        return slot < bySlot.length ? bySlot[slot] : null;
    }

    /** Those that are there or on their way. */
    List<GroupStream> all() {
        List<GroupStream> all = new ArrayList<>(bySlot.length);
        for (GroupStream each : bySlot) {
            if (each != null) {
                all.add(each);
            }
        }
        return all;
    }

    /**
     * Opens one.
     *
     * @param leaderless is run on the loop, once at most, when the group has no leader right now, unless the streams
     *     are closed by then
     * @param failed is run on the loop if it is not possible, unless the streams are closed by then
     */
    GroupStream open(
            int slot,
            GatewayClient client,
            GroupStream.Receiver receiver,
            Runnable leaderless,
            Consumer<Throwable> failed) {
        GroupStream stream = new GroupStream(slot, receiver);
        bySlot[slot] = stream;
        Runnable unlessClosed = () -> {
            if (!closed) {
                leaderless.run();
            }
        };
        links.open(slot, Speaks.MQTT, client, loop, stream, unlessClosed).whenComplete((channel, failure) -> {
            if (channel != null) {
                metrics.streams(1);
                channel.closeFuture().addListener(ended -> metrics.streams(-1));
            } else if (failure != null && !closed) {
                failed.accept(failure);
            }
        });
        return stream;
    }

    /** Ends all as a lost connection does, unless they end already. */
    void close() {
        if (!closed) {
            closed = true;
            all().forEach(GroupStream::close);
        }
    }

    /** Ends all when their groups have read what was sent. */
    void finish() {
        closed = true;
        all().forEach(GroupStream::finish);
    }
}
