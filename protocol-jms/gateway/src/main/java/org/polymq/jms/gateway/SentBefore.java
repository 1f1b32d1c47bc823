/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.find.MessageFinder;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.timer.Timers;
import org.polymq.broker.topic.Topics;
import org.polymq.jms.wire.WireDestination;

/** Finds out whether the log has a message of a client that does not know. Safe from any thread. */
final class SentBefore {
    private final Topics topics;
    private final Publisher publisher;
    private final MessageFinder finder;
    private final Timers timers;

    SentBefore(Topics topics, Publisher publisher, MessageFinder finder, Timers timers) {
        this.topics = topics;
        this.publisher = publisher;
        this.finder = finder;
        this.timers = timers;
    }

    /**
     * Whether a message of this id is stored in the destination, or waits to be delivered there. If not it never will
     * be, unless it is sent again; a node that cannot be certain of that, since another may lead by now, fails.
     *
     * @param deliverAt when it is due, ms since the epoch; 0 if it was to be delivered at once
     */
    void find(WireDestination destination, String id, long deliverAt, Lane lane, Reply<Boolean> reply) {
        publisher.confirm(lane, Reply.of(done -> findNow(destination, id, deliverAt, lane, reply), reply::failed));
    }

    private void findNow(WireDestination destination, String id, long deliverAt, Lane lane, Reply<Boolean> reply) {
        String topic = MessageTranslator.address(destination).topic();
        if (topics.get(topic) == null) {
            reply.ok(false);
        } else if (deliverAt == 0) {
            findStored(topic, id, lane, reply);
        } else {
            // In this order: what does not wait any more is stored.
            timers.isWaiting(
                    deliverAt,
                    id,
                    lane,
                    Reply.of(
                            waiting -> {
                                if (waiting) {
                                    reply.ok(true);
                                } else {
                                    findStored(topic, id, lane, reply);
                                }
                            },
                            reply::failed));
        }
    }

    private void findStored(String topic, String id, Lane lane, Reply<Boolean> reply) {
        finder.byId(
                topic, id, 0, Long.MAX_VALUE, 1, lane, Reply.of(found -> reply.ok(!found.isEmpty()), reply::failed));
    }
}
