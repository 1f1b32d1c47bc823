/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayDeque;
import java.util.List;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.retained.RetainedView;
import org.polymq.broker.retained.RetainedView.Retained;
import org.polymq.broker.state.MessageReader;
import org.polymq.mqtt.MqttMetrics.Drop;
import org.polymq.mqtt.wire.EncodedPublish;

/**
 * The retained messages that new subscriptions bring. They are read from the log one by one as the client takes them;
 * none is left out, however many there are. Confined to the connection's event loop.
 */
final class RetainedFeed implements InFlight.Source {
    private final RetainedView retained;
    private final MessageReader messages;
    private final Sender sender;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);

    private record Waiting(Retained retained, SubscriptionOptions options) {}

    RetainedFeed(RetainedView retained, MessageReader messages, Sender sender) {
        this.retained = retained;
        this.messages = messages;
        this.sender = sender;
    }

    /** Adds the retained messages that match a new subscription. */
    void add(SubscriptionOptions options) {
        for (Retained each : retained.matching(options.filter())) {
            waiting.add(new Waiting(each, options));
        }
    }

    void pump() {
        while (!waiting.isEmpty() && sender.hasRoom(1)) {
            Waiting next = waiting.remove();
            try {
                send(messages.read(next.retained().position()), next.retained().name(), next.options());
            } catch (BrokerException unreadable) {
                sender.metrics().dropped(Drop.UNREADABLE);
            }
        }
    }

    private void send(StoredMessage message, String topic, SubscriptionOptions options) {
        int qos = Math.min(message.qos(), options.qos());
        List<Integer> identifiers = options.identifier() == 0 ? List.of() : List.of(options.identifier());
        EncodedPublish publish = sender.encode(message, topic, qos, true, identifiers);
        if (publish == null) {
            return;
        }
        if (qos == 0) {
            sender.sendOnce(publish);
        } else {
            sender.send(publish, this, null);
        }
    }

    @Override
    public void acknowledged(InFlight message) {
        // It stays retained.
    }

    @Override
    public void received(InFlight message, Runnable release) {
        release.run();
    }

    @Override
    public void completed(InFlight message) {
        // It stays retained.
    }
}
