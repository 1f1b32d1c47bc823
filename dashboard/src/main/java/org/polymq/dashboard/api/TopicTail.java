/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.List;
import org.polymq.broker.Lane;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.live.LiveSubscriber;
import org.polymq.broker.message.StoredMessage;

/** Messages that topic filters match, as they are published. Confined to the connection's lane. */
final class TopicTail implements ReceiveRoutes.Watched, LiveSubscriber {
    private final LiveRouter router;
    private final List<String> filters;
    private final MessageTail tail;

    TopicTail(LiveRouter router, List<String> filters, MessageTail tail) {
        this.router = router;
        this.filters = List.copyOf(filters);
        this.tail = tail;
    }

    @Override
    public void open() {
        filters.forEach(filter -> router.subscribe(filter, this, filter));
    }

    @Override
    public void close() {
        filters.forEach(filter -> router.unsubscribe(filter, this, filter));
    }

    @Override
    public Lane lane() {
        return tail.lane();
    }

    @Override
    public void deliver(LiveMessage message, List<Object> tags) {
        if (tail.takes()) {
            StoredMessage stored = message.stored();
            tail.show(message.name(), message.message(), stored, null);
        }
    }

    @Override
    public boolean needsStored() {
        return false;
    }
}
