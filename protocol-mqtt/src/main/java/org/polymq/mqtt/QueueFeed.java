/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Delivery;

/**
 * One session's share of a queue's messages: the filter {@code $queue/NAME}. What is unanswered when the connection
 * ends goes to another consumer. Confined to the connection's event loop.
 */
final class QueueFeed extends ConsumerFeed {
    static final String PREFIX = "$queue/";

    private final SubscriptionOptions options;
    private final Routed routed;
    private final Consumer<QueueFeed> gone;

    /**
     * A feed of the queue that the filter names.
     *
     * @param gone told when the queue is deleted
     */
    QueueFeed(SubscriptionOptions options, Sender sender, Consumer<QueueFeed> gone) {
        super(sender);
        this.options = options;
        this.gone = gone;
        List<Integer> identifiers = options.identifier() == 0 ? List.of() : List.of(options.identifier());
        this.routed = new Routed(options.filter(), new Match(options.qos(), options.retainAsPublished(), identifiers));
    }

    SubscriptionOptions options() {
        return options;
    }

    /** The queue's name. */
    static String queueOf(String filter) {
        return filter.substring(PREFIX.length());
    }

    @Override
    @Nullable
    Routed route(StoredMessage message) {
        return routed;
    }

    @Override
    public void ended() {
        super.ended();
        gone.accept(this);
    }

    @Override
    public void received(InFlight message, Runnable release) {
        if (message.ticket instanceof Delivery delivery) {
            message.ticket = null;
            free(delivery);
            // The client has it: nobody else may get it, so the release waits for the record. Failed means that the
            // connection is ending.
            consumer().accept(List.of(delivery), true, Reply.of(stored -> release.run(), refused -> {}));
        }
    }

    @Override
    public void completed(InFlight message) {
        // It was accepted with PUBREC.
    }
}
