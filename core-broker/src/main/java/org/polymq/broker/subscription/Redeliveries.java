/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.settings.RuntimeSettings;

/**
 * How often and when JMS consumers get a message again: the broker's own policy, and those of single queues and durable
 * subscriptions, which the log keeps. Safe from any thread.
 */
public final class Redeliveries {
    private static final String PREFIX = "redelivery:";
    private static final String DEAD_LETTERS = "%DLQ%";

    private final RuntimeSettings settings;
    private volatile RedeliveryPolicy standard;
    /** What texts in the log say. */
    private final Map<String, RedeliveryPolicy> parsed = new ConcurrentHashMap<>();

    public Redeliveries(RuntimeSettings settings, RedeliveryPolicy standard) {
        this.settings = settings;
        this.standard = standard;
    }

    /** Another policy of the broker's own holds from now on. */
    public void change(RedeliveryPolicy changed) {
        standard = changed;
    }

    /** The policy of a subscription: its own or the broker's. What is in a dead-letter queue stays there. */
    public RedeliveryPolicy of(SubscriptionKey key) {
        Optional<RedeliveryPolicy> own = find(key);
        if (own.isPresent()) {
            return own.get();
        }
        RedeliveryPolicy now = standard;
        if (key.kind() == SubscriptionKey.Kind.QUEUE && key.name().startsWith(DEAD_LETTERS)) {
            return new RedeliveryPolicy(0, now.delay(), now.backoff(), now.maxDelay(), "");
        }
        return now;
    }

    /** The policy that was set for this subscription. */
    public Optional<RedeliveryPolicy> find(SubscriptionKey key) {
        return settings.find(name(key))
                .filter(text -> !text.isEmpty())
                .map(text -> parsed.computeIfAbsent(text, RedeliveryPolicy::parse));
    }

    /** Sets the policy of a queue ({@link SubscriptionKey#queue}) or durable subscription; it holds from now on. */
    public void set(SubscriptionKey key, RedeliveryPolicy policy, Lane lane, Reply<Done> reply) {
        update(key, policy.format(), lane, reply);
    }

    /** The broker's own policy holds again for this subscription. */
    public void reset(SubscriptionKey key, Lane lane, Reply<Done> reply) {
        update(key, "", lane, reply);
    }

    private void update(SubscriptionKey key, String text, Lane lane, Reply<Done> reply) {
        settings.update(Map.of(name(key), text), lane, Reply.of(all -> reply.ok(Done.DONE), reply::failed));
    }

    private static String name(SubscriptionKey key) {
        return PREFIX + key.kind() + ":" + DeadLetters.nameOf(key);
    }

    /** The queue for dead letters of a subscription. */
    public String deadLetterQueue(SubscriptionKey key) {
        return deadLetterQueue(key, of(key));
    }

    /** Where the dead letters of a subscription go. */
    static String deadLetterQueue(SubscriptionKey key, RedeliveryPolicy policy) {
        return policy.deadLetters().isEmpty() ? DEAD_LETTERS + "JMS-" + DeadLetters.nameOf(key) : policy.deadLetters();
    }
}
