/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;

/** Names of places in this broker, and messages for them. */
final class LocalNames {
    private LocalNames() {}

    /** Where a message is that was taken from a topic, filter or queue. */
    static Destination of(StoredMessage stored, Destination from) {
        String name = stored.address().name();
        return from.kind().isQueue() ? Destination.queue(name) : Destination.topic(name);
    }

    /**
     * A message for a place here, whatever its address was.
     *
     * @throws org.polymq.broker.BrokerException INVALID_NAME
     */
    static Outgoing outgoing(Message.Builder message, Destination to) {
        Address address = to.kind().isQueue() ? Names.ofQueue(to.name()) : Names.ofMqtt(to.name());
        Message built = message.build();
        String raw = built.nativeProperties();
        Message.Builder moved = built.toBuilder().address(address);
        if (raw != null) {
            String path = address.path();
            moved.nativeProperties(
                    path == null
                            ? NativeProperties.without(raw, NativeNames.TOPIC_PATH)
                            : NativeProperties.with(raw, NativeNames.TOPIC_PATH, NativeProperties.plain(path)));
            moved.address(address);
        }
        return to.kind().isQueue() ? Outgoing.toQueue(moved.build()) : Outgoing.toTopic(moved.build());
    }
}
