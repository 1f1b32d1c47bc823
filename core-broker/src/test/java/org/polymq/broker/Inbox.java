/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.SubscriptionKey;

/** A consumer that keeps what it gets. Its lane is the caller's thread. */
public final class Inbox implements Consumer.Listener {
    private final List<Delivery> deliveries = new ArrayList<>();
    private @Nullable Consumer consumer;

    /** Attaches one; 0 gives it no credit yet. */
    public static Inbox of(Broker broker, SubscriptionKey key, int credit) {
        Inbox inbox = new Inbox();
        inbox.consumer(broker.subscriptions().attach(key, ConsumerOptions.shared(Lane.direct()), inbox));
        if (credit > 0) {
            inbox.consumer().credit(credit, 10 << 20);
        }
        return inbox;
    }

    /** Acknowledges, and waits for it. */
    public static void accept(Consumer consumer, List<Delivery> deliveries) {
        Answer<Done> answer = new Answer<>();
        consumer.accept(List.copyOf(deliveries), true, answer);
        answer.get();
    }

    void consumer(Consumer attached) {
        consumer = attached;
    }

    public Consumer consumer() {
        return Objects.requireNonNull(consumer);
    }

    public List<Delivery> deliveries() {
        return deliveries;
    }

    @Override
    public void delivered(List<Delivery> batch) {
        deliveries.addAll(batch);
    }

    @Override
    public void ended() {
        throw new AssertionError("nobody deleted the subscription");
    }

    public List<String> texts() {
        return deliveries.stream()
                .map(delivery ->
                        StandardCharsets.UTF_8.decode(delivery.message().body()).toString())
                .toList();
    }
}
