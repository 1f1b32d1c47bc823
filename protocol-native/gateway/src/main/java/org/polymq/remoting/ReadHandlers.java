/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import org.polymq.broker.Broker;
import org.polymq.remoting.wire.RequestCode;

/** Puts together what serves reading, which is the same on a node that leads and on one that follows. */
final class ReadHandlers {
    private final PullHandler pull;
    private final OffsetHandlers offsets;
    private final ViewMessageHandler view;
    private final QueryMessageHandler query;

    ReadHandlers(
            Broker broker,
            NativeConfig config,
            NativeTopicNames names,
            NativeFilters filters,
            ConsumerGroups members,
            PopGroups pops,
            OffsetResets resets,
            LiveSettings settings,
            NativeStats stats,
            InstantSource clock,
            MeterRegistry registry,
            Replica replica) {
        PullFollowing following = new PullFollowing(broker.followers(), broker.groups(), broker.queues());
        PullReader reader = new PullReader(
                broker.topics(),
                broker.queues(),
                resets,
                broker.coldReads(),
                clock,
                config.maxDeliverSize(),
                registry,
                stats,
                following,
                replica);
        this.pull = new PullHandler(
                broker.topics(),
                broker.groups(),
                members,
                names,
                filters,
                pops,
                reader,
                resets,
                broker.coldReads(),
                settings,
                following);
        this.offsets =
                new OffsetHandlers(broker.topics(), broker.groups(), broker.queues(), names, resets, pops, following);
        this.view = new ViewMessageHandler(broker.messages(), broker.queues(), config.maxDeliverSize());
        this.query = new QueryMessageHandler(broker.finder(), broker.topics(), names, config.maxDeliverSize());
    }

    PullHandler pull() {
        return pull;
    }

    /** Adds all of them; among them the one by which offsets are committed. */
    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.PULL_MESSAGE, pull);
        handlers.put(RequestCode.LITE_PULL_MESSAGE, pull);
        offsets.addTo(handlers);
        handlers.put(RequestCode.VIEW_MESSAGE_BY_ID, view);
        handlers.put(RequestCode.QUERY_MESSAGE, query);
    }
}
