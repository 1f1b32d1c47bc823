/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;

/**
 * MQTT's shared subscriptions: durable ones whose members compete. One stays, with its messages, while no member is
 * connected, until the last holder unsubscribes or nobody has used it for long. Safe from any thread.
 */
public final class SharedSubscriptions {
    private final SessionsView view;
    private final Committer committer;
    private final Subscriptions subscriptions;
    private final InstantSource clock;

    public SharedSubscriptions(
            SessionsView view, Committer committer, Subscriptions subscriptions, InstantSource clock) {
        this.view = view;
        this.committer = committer;
        this.subscriptions = subscriptions;
        this.clock = clock;
    }

    /** Makes it if there is none; it gets what is stored after the reply. */
    public void subscribe(String shareName, String filter, Lane lane, Reply<Done> reply) {
        subscriptions.subscribe(SubscriptionKey.mqttShared(shareName, filter), List.of(filter), "", lane, reply);
    }

    /**
     * Adds a member, without credit at first.
     *
     * @throws org.polymq.broker.BrokerException SUBSCRIPTION_NOT_FOUND
     */
    public Consumer attach(String shareName, String filter, Lane lane, Consumer.Listener listener) {
        return subscriptions.attach(
                SubscriptionKey.mqttShared(shareName, filter), ConsumerOptions.shared(lane), listener);
    }

    /** A member has unsubscribed: the last one takes the subscription with it. */
    public void left(String shareName, String filter, Lane lane) {
        SubscriptionKey key = SubscriptionKey.mqttShared(shareName, filter);
        if (isUnused(key)) {
            end(key, lane);
        }
    }

    /**
     * Ends what nobody has used for so long. Called every few seconds.
     *
     * @return how many were ended
     */
    public int expire(Duration unusedFor) {
        long now = clock.millis();
        int ended = 0;
        for (SubscriptionKey key : subscriptions.keys(SubscriptionKey.Kind.MQTT_SHARED)) {
            Long since = view.unusedSince(key);
            boolean unused = isUnused(key);
            if (unused && since == null) {
                note(key, now);
            } else if (!unused && since != null) {
                note(key, 0);
            } else if (unused && since != null && now - since >= unusedFor.toMillis()) {
                end(key, Lane.direct());
                ended++;
            }
        }
        return ended;
    }

    private boolean isUnused(SubscriptionKey key) {
        return !subscriptions.isActive(key)
                && !view.isShareHeld(SessionsView.SHARE_PREFIX + key.owner() + '/' + key.name());
    }

    private void note(SubscriptionKey key, long since) {
        committer.<Done>control(
                List.of(SessionsView.sharedUnused(key.owner(), key.name(), since)),
                Lane.direct(),
                Reply.of(done -> {}, refused -> {}),
                results -> Done.DONE);
    }

    private void end(SubscriptionKey key, Lane lane) {
        // Refused if a member came meanwhile: then it stays.
        subscriptions.unsubscribe(key, lane, Reply.of(done -> note(key, 0), refused -> {}));
    }
}
