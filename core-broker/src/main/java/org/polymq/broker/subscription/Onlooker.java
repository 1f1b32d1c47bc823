/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.Collection;
import java.util.List;
import org.polymq.broker.Done;
import org.polymq.broker.Reply;

/** A consumer that takes nothing: there is nothing to acknowledge or to bring back. */
abstract class Onlooker implements Consumer {
    @Override
    public final void accept(Collection<Delivery> deliveries, boolean wait, Reply<Done> reply) {
        reply.ok(Done.DONE);
    }

    @Override
    public final Settlement settle(Collection<Delivery> deliveries) {
        return new Settlement(List.of(), () -> {}, () -> {});
    }

    @Override
    public final void release(Collection<Delivery> deliveries, boolean counted) {
        // Nothing was taken: there is nothing to bring back.
    }

    @Override
    public final void stop(Collection<Delivery> unseen) {
        close(false);
    }
}
