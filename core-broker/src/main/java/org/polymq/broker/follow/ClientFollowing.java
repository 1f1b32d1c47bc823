/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.follow;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Delivery;

/**
 * Tells what one client was handed and did with it. Does nothing while nobody follows.
 *
 * @param protocol mqtt, jms or rocketmq
 * @param client its id, or its address
 */
public record ClientFollowing(MessageFollowers followers, String protocol, String client) {
    /** Whether anybody follows. */
    public boolean any() {
        return followers.any();
    }

    public void delivered(Delivery delivery, String through) {
        if (any()) {
            tell(MessageEvent.Kind.DELIVERED, delivery, through);
        }
    }

    public void acknowledged(Collection<Delivery> deliveries, String through) {
        if (any()) {
            deliveries.forEach(delivery -> tell(MessageEvent.Kind.ACKNOWLEDGED, delivery, through));
        }
    }

    public void returned(Collection<Delivery> deliveries, String through) {
        if (any()) {
            deliveries.forEach(delivery -> tell(MessageEvent.Kind.RETURNED, delivery, through));
        }
    }

    private void tell(MessageEvent.Kind kind, Delivery delivery, String through) {
        try {
            tell(kind, delivery.message(), through, delivery.deliveryCount());
        } catch (BrokerException unreadable) {
            // Retention took it meanwhile: there is nothing to tell it by.
        }
    }

    public void delivered(StoredMessage message, String through) {
        if (any()) {
            tell(MessageEvent.Kind.DELIVERED, message, through, 1);
        }
    }

    public void acknowledged(StoredMessage message, String through) {
        if (any()) {
            tell(MessageEvent.Kind.ACKNOWLEDGED, message, through, 1);
        }
    }

    private void tell(MessageEvent.Kind kind, StoredMessage stored, String through, int deliveries) {
        tell(kind, stored.toHeaders(), stored.position(), through, deliveries);
    }

    public void delivered(LiveMessage message) {
        tell(MessageEvent.Kind.DELIVERED, message);
    }

    public void acknowledged(LiveMessage message) {
        tell(MessageEvent.Kind.ACKNOWLEDGED, message);
    }

    private void tell(MessageEvent.Kind kind, LiveMessage live) {
        if (any()) {
            StoredMessage stored = live.stored();
            tell(kind, live.message(), stored == null ? null : stored.position(), "", 1);
        }
    }

    private void tell(
            MessageEvent.Kind kind, Message message, @Nullable Long position, String through, int deliveries) {
        followers.happened(MessageEvent.of(
                kind, message, position, protocol, client, through, deliveries, Instant.now(), Duration.ZERO));
    }
}
