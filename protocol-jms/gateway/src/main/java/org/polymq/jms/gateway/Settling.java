/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.polymq.broker.Done;
import org.polymq.broker.Reply;
import org.polymq.broker.subscription.Delivery;

/**
 * Acknowledgements that came in one piece of reading: of each consumer they become one record of the log. Nobody waits
 * longer for it, since each is answered when the record is stored. Confined to its connection's event loop.
 */
final class Settling {
    private final Map<JmsConsumer, Batch> batches = new LinkedHashMap<>();

    /** What one consumer's client acknowledged, and who waits for it. */
    private static final class Batch {
        private final Map<Long, Delivery> taken = new TreeMap<>();
        private final List<Reply<Done>> replies = new ArrayList<>();
    }

    /** Adds deliveries that were taken from a consumer, by tag. */
    void add(JmsConsumer consumer, Map<Long, Delivery> taken, Reply<Done> reply) {
        Batch batch = batches.get(consumer);
        if (batch == null) {
            batch = new Batch();
            batches.put(consumer, batch);
        }
        batch.taken.putAll(taken);
        batch.replies.add(reply);
    }

    /** Settles what was added: when a piece of reading ends, and before anything that comes after it is done. */
    void settle() {
        while (!batches.isEmpty()) {
            JmsConsumer consumer = batches.keySet().iterator().next();
            Batch batch = batches.remove(consumer);
            if (batch != null) {
                settle(consumer, batch);
            }
        }
    }

    private static void settle(JmsConsumer consumer, Batch batch) {
        JmsSession session = consumer.session();
        consumer.consumer()
                .accept(
                        List.copyOf(batch.taken.values()),
                        !session.isLazy(),
                        Reply.of(
                                done -> {
                                    consumer.acknowledged(batch.taken.values());
                                    session.dropIfDone(consumer);
                                    batch.replies.forEach(reply -> reply.ok(done));
                                },
                                refused -> {
                                    session.putBack(consumer, batch.taken);
                                    batch.replies.forEach(reply -> reply.failed(refused));
                                }));
    }
}
