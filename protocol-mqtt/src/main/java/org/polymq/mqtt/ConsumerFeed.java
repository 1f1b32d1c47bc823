/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.Delivery;
import org.polymq.mqtt.MqttMetrics.Drop;
import org.polymq.mqtt.wire.EncodedPublish;

/**
 * Messages of a durable subscription on their way to one client: taken with credit, sent as the client allows, accepted
 * as it answers. Acceptances are collected for one run of the event loop. Confined to the connection's event loop.
 */
abstract class ConsumerFeed implements Consumer.Listener, InFlight.Source {
    private static final long CREDIT_BYTES = 4 << 20;

    private final Sender sender;
    private final ArrayDeque<Delivery> waiting = new ArrayDeque<>();
    private List<Delivery> accepted = new ArrayList<>();
    private int freedMessages;
    private long freedBytes;
    private @Nullable Consumer consumer;

    ConsumerFeed(Sender sender) {
        this.sender = sender;
    }

    /** The topic name and the options under which the client gets a message; null if it is not meant for it. */
    abstract @Nullable Routed route(StoredMessage message);

    /** A message for the client. */
    record Routed(String topic, Match match) {}

    final Sender sender() {
        return sender;
    }

    /** Begins to take messages. Called once, with what the subscription attached. */
    final void start(Consumer attached) {
        consumer = attached;
        attached.credit(creditMessages(), CREDIT_BYTES);
    }

    /** How many messages may be here. Twice the window: while one is answered the next is at hand. */
    int creditMessages() {
        return sender.window().limit() * 2;
    }

    final Consumer consumer() {
        Consumer attached = consumer;
        if (attached == null) {
            throw new IllegalStateException("the feed has not started");
        }
        return attached;
    }

    @Override
    public final void delivered(List<Delivery> batch) {
        waiting.addAll(batch);
        pump();
    }

    @Override
    public void ended() {
        waiting.clear();
        consumer = null;
    }

    /** Sends what waits while there is room. */
    final void pump() {
        while (!waiting.isEmpty() && consumer != null && sender.hasRoom(1)) {
            Delivery next = waiting.remove();
            try {
                if (!resume(next)) {
                    send(next);
                }
            } catch (BrokerException unreadable) {
                sender.metrics().dropped(Drop.UNREADABLE);
                accept(next);
            }
        }
    }

    /** Whether the message was sent to this client before and is dealt with by that. */
    boolean resume(Delivery delivery) {
        return false;
    }

    private void send(Delivery delivery) {
        EncodedPublish publish = encode(delivery);
        if (publish == null) {
            accept(delivery);
            return;
        }
        sender.following().delivered(delivery, "");
        if (publish.qos() == 0) {
            sender.sendOnce(publish);
            accept(delivery);
        } else if (!sendUnanswered(publish, delivery)) {
            accept(delivery);
        }
    }

    /** Sends a message of QoS 1 or 2; false if the client cannot take it. */
    boolean sendUnanswered(EncodedPublish publish, Delivery delivery) {
        return sender.send(publish, this, delivery) != null;
    }

    final @Nullable EncodedPublish encode(Delivery delivery) {
        StoredMessage message = delivery.message();
        Routed routed = route(message);
        if (routed == null) {
            return null;
        }
        Match match = routed.match();
        int qos = Math.min(message.qos(), match.qos());
        boolean retain = message.isRetain() && match.retainAsPublished();
        return sender.encode(message, routed.topic(), qos, retain, match.identifiers());
    }

    /** The message is done with; the log learns it with the next {@link #flush}. */
    final void accept(Delivery delivery) {
        accepted.add(delivery);
        free(delivery);
    }

    /** Makes place for another message. */
    final void free(Delivery delivery) {
        freedMessages++;
        freedBytes += delivery.size();
        sender.outbox().flushSoon();
    }

    /** Tells the subscription what is done and takes more. */
    final void flush() {
        Consumer attached = consumer;
        if (attached == null) {
            return;
        }
        if (!accepted.isEmpty()) {
            Collection<Delivery> done = accepted;
            accepted = new ArrayList<>();
            attached.accept(done, false, Reply.of(stored -> {}, refused -> {}));
        }
        if (freedMessages > 0) {
            int messages = freedMessages;
            long bytes = freedBytes;
            freedMessages = 0;
            freedBytes = 0;
            attached.credit(messages, bytes);
        }
        flushMore();
    }

    /** What else has to be told before packets leave. */
    void flushMore() {}

    /** What else becomes of what is not answered. */
    void beforeClose() {}

    /** Gives back what is not answered. Nothing is sent any more. */
    final void close() {
        beforeClose();
        flush();
        Consumer attached = consumer;
        consumer = null;
        if (attached != null) {
            // The client never saw what waits: that does not count as tried.
            attached.stop(List.copyOf(waiting));
            attached.close(true);
        }
        waiting.clear();
    }

    @Override
    public void acknowledged(InFlight message) {
        if (message.ticket instanceof Delivery delivery) {
            sender.following().acknowledged(List.of(delivery), "");
            accept(delivery);
        }
    }
}
