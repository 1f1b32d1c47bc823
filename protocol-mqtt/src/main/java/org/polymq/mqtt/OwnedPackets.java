/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.polymq.broker.Done;
import org.polymq.broker.Reply;
import org.polymq.broker.session.DurableSession;

/**
 * Messages that belong to a persistent session alone, by their packet identifiers in the log: retained ones, and those
 * of QoS 2 of queues and shared subscriptions. The ticket is the message's log position. Confined to the connection's
 * event loop.
 */
final class OwnedPackets implements InFlight.Source {
    private final DurableSession session;

    OwnedPackets(DurableSession session) {
        this.session = session;
    }

    @Override
    public void acknowledged(InFlight message) {
        completed(message); // refused by PUBREC: that is an answer too
    }

    @Override
    public void received(InFlight message, Runnable release) {
        if (message.ticket instanceof Long position) {
            session.received(message.packetId, position, Reply.of(stored -> release.run(), refused -> {}));
        }
    }

    @Override
    public void completed(InFlight message) {
        session.completed(message.packetId, ignored());
    }

    private static Reply<Done> ignored() {
        // Refused means that another connection has the session now: its own records decide.
        return Reply.of(stored -> {}, refused -> {});
    }
}
