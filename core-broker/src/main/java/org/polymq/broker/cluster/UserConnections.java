/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import io.netty.channel.Channel;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.security.Access;

/** Counts the connections of each user against a limit. Safe from any thread; nothing here blocks. */
public interface UserConnections {
    /**
     * Takes a place for one more connection.
     *
     * @return the place, at once or from another thread; fails with a {@link org.polymq.broker.BrokerException} of
     *     reason LIMIT_EXCEEDED if there is none
     */
    CompletionStage<Place> enter(String user);

    /**
     * Takes a place for a client that was let in. Nothing is counted while security is off, nor for a stream to a
     * further group of a client that its home group has counted.
     */
    default void enter(Access access, Channel channel, Lane lane, Reply<Place> reply) {
        boolean counted =
                GatewayClient.of(channel).flatMap(GatewayClient::principal).isPresent();
        if (counted || access.unrestricted()) {
            reply.ok(Place.UNCOUNTED);
            return;
        }
        enter(access.principal().name())
                .whenComplete((place, failure) -> lane.execute(() -> {
                    if (failure == null) {
                        reply.ok(place);
                    } else {
                        reply.failed(refusal(failure));
                    }
                }));
    }

    private static BrokerException refusal(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof BrokerException refused
                ? refused
                : new BrokerException(Reason.INTERNAL, "the connections of a user cannot be counted", failure);
    }

    /** One connection's place. */
    interface Place {
        /** A place that nobody counts. */
        Place UNCOUNTED = () -> {};

        /** Gives it back; does nothing the second time. */
        void leave();
    }
}
