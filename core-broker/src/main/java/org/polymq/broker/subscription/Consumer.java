/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.Collection;
import java.util.List;
import org.polymq.broker.Done;
import org.polymq.broker.Reply;

/** One consumer of a subscription. Deliveries arrive on its lane; the methods may be called from any thread. */
public interface Consumer {
    /** Receives what the subscription hands out. Called on the consumer's lane only. */
    interface Listener {
        /** Messages in the subscription's order; each is in flight until it is accepted or released. */
        void delivered(List<Delivery> batch);

        /** The subscription is gone (deleted, or its queue was): no more deliveries come. */
        void ended();
    }

    /**
     * Allows this many more messages and bytes. A message larger than the bytes left is still delivered while any are
     * left.
     */
    void credit(int messages, long bytes);

    /**
     * The messages are done with.
     *
     * @param wait whether the reply waits for the record that says so (JMS); otherwise records are coalesced and a
     *     crash may redeliver (MQTT QoS 1)
     */
    void accept(Collection<Delivery> deliveries, boolean wait, Reply<Done> reply);

    /** Takes the messages out of flight, to be acknowledged by a transaction's own entry. */
    Settlement settle(Collection<Delivery> deliveries);

    /**
     * The messages come back in their original place.
     *
     * @param counted whether the application was handed them, so that their delivery count rises
     */
    void release(Collection<Delivery> deliveries, boolean counted);

    /** Runs a task on the lane behind every delivery that is possible now: "nothing more at the moment". */
    void poll(Runnable done);

    /**
     * Ends deliveries. What the application never saw comes back uncounted; the rest stays in flight, to be accepted or
     * released later: a JMS consumer may be closed before its session commits.
     */
    void stop(Collection<Delivery> unseen);

    /** Releases what is in flight and leaves. The next consumer can have the messages when this returns. */
    void close(boolean counted);
}
