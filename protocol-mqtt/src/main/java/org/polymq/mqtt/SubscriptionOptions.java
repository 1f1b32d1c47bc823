/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.nio.ByteBuffer;
import org.polymq.mqtt.wire.Subscription;

/**
 * How a session wants the messages of one filter. Also what the log keeps of it.
 *
 * @param qos the highest QoS, 0 to 2
 * @param identifier of the subscription, 0 if it has none
 */
record SubscriptionOptions(String filter, int qos, boolean noLocal, boolean retainAsPublished, int identifier) {
    private static final int FORMAT = 1;
    private static final int NO_LOCAL = 4;
    private static final int RETAIN_AS_PUBLISHED = 8;

    static SubscriptionOptions of(Subscription asked, int identifier) {
        return new SubscriptionOptions(
                asked.filter(), asked.qos(), asked.noLocal(), asked.retainAsPublished(), identifier);
    }

    /** As it is asked for again, by a client that has the retained messages. */
    Subscription toSubscription() {
        return new Subscription(filter, qos, noLocal, retainAsPublished, Subscription.RetainHandling.DO_NOT_SEND);
    }

    /** Format 1: the format, QoS and flags as in SUBSCRIBE, the identifier as four bytes. */
    byte[] toBytes() {
        int flags = qos | (noLocal ? NO_LOCAL : 0) | (retainAsPublished ? RETAIN_AS_PUBLISHED : 0);
        return ByteBuffer.allocate(6)
                .put((byte) FORMAT)
                .put((byte) flags)
                .putInt(identifier)
                .array();
    }

    static SubscriptionOptions ofBytes(String filter, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException(
                    "subscription options of format " + format + "; this version knows " + FORMAT);
        }
        int flags = in.get();
        return new SubscriptionOptions(
                filter, flags & 3, (flags & NO_LOCAL) != 0, (flags & RETAIN_AS_PUBLISHED) != 0, in.getInt());
    }
}
