/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.subscription.SubscriptionState.Cursor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes from durable subscriptions what exceeds their caps, so that one that nobody reads does not keep its messages,
 * and the disk, for ever. What is taken is a record in the log, is counted, and is told in the log file. Runs on the
 * maintenance thread.
 */
public final class SubscriptionCaps {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionCaps.class);
    /** Looked at in one run: some milliseconds. */
    private static final int PER_RUN = 20_000;
    /** Told one by one in one run; the others are told as a number. */
    private static final int TOLD = 10;

    private final SubscriptionsView view;
    private final Subscriptions subscriptions;
    private final QueueReader queues;
    private final Committer committer;
    private final InstantSource clock;
    private volatile Settings settings;
    private final Map<Cause, AtomicLong> taken = new EnumMap<>(Cause.class);
    private Iterator<SubscriptionState> round = List.<SubscriptionState>of().iterator();
    private int told;
    private long untold;

    /** Why messages were taken. */
    public enum Cause {
        AGE,
        SIZE,
        EXPIRY
    }

    /**
     * How much a subscription may hold.
     *
     * @param age of its oldest message; zero: no cap
     * @param size of its messages, bytes; 0: no cap
     */
    public record Cap(Duration age, long size) {
        public static final Cap NONE = new Cap(Duration.ZERO, 0);
    }

    /**
     * @param subscriptions of topics: durable JMS subscriptions, MQTT sessions and shared subscriptions, POP groups
     * @param queues of queues
     * @param expiry after which a durable JMS subscription without consumer is deleted; zero: never
     */
    public record Settings(Cap subscriptions, Cap queues, Duration expiry) {
        public static final Settings NONE = new Settings(Cap.NONE, Cap.NONE, Duration.ZERO);

        private Cap of(SubscriptionKey.Kind kind) {
            return kind == SubscriptionKey.Kind.QUEUE ? queues : subscriptions;
        }
    }

    public SubscriptionCaps(
            SubscriptionsView view,
            Subscriptions subscriptions,
            QueueReader queues,
            Committer committer,
            InstantSource clock,
            Settings settings) {
        this.view = view;
        this.subscriptions = subscriptions;
        this.queues = queues;
        this.committer = committer;
        this.clock = clock;
        this.settings = settings;
        for (Cause cause : Cause.values()) {
            taken.put(cause, new AtomicLong());
        }
    }

    /** Other settings hold from the next run on. */
    public void change(Settings changed) {
        settings = changed;
    }

    /** Messages taken since the start. */
    public long taken(Cause cause) {
        AtomicLong count = taken.get(cause);
        return count == null ? 0 : count.get();
    }

    /** Looks at some subscriptions, going on where the last run stopped. */
    public void run() {
        if (settings.equals(Settings.NONE)) {
            return;
        }
        told = 0;
        if (!round.hasNext()) {
            round = view.all().iterator();
        }
        for (int n = 0; n < PER_RUN && round.hasNext(); n++) {
            SubscriptionState state = round.next();
            Cap cap = settings.of(state.key().kind());
            for (Cursor cursor : state.cursors().values()) {
                cap(state, cursor, cap);
            }
            expire(state);
        }
        if (untold > 0) {
            LOG.warn("caps took messages from {} more subscriptions", untold);
            untold = 0;
        }
    }

    private void cap(SubscriptionState state, Cursor cursor, Cap cap) {
        long queue = cursor.queue();
        if (cursor.done().pending(queues.end(queue)) == 0) {
            return;
        }
        try {
            long byAge = oldest(cursor, cap.age());
            if (byAge > cursor.done().floor()) {
                take(state, cursor, byAge, Cause.AGE, "older than " + cap.age());
            }
            long bySize = cap.size() == 0 ? 0 : queues.lastWithin(queue, cap.size());
            if (bySize > Math.max(byAge, cursor.done().floor())) {
                take(state, cursor, bySize, Cause.SIZE, "more than " + cap.size() + " bytes");
            }
        } catch (BrokerException unreadable) {
            LOG.warn("the age of what {} holds cannot be told: {}", state.key(), unreadable.getMessage());
        }
    }

    /** The offset below which everything is too old, or 0. */
    private long oldest(Cursor cursor, Duration age) {
        if (age.isZero()) {
            return 0;
        }
        long after = clock.millis() - age.toMillis();
        long first = queues.storeTimeFrom(
                cursor.queue(), cursor.done().firstNotDone(cursor.done().floor()));
        return first >= after ? 0 : queues.offsetAt(cursor.queue(), after);
    }

    private void take(SubscriptionState state, Cursor cursor, long below, Cause cause, String why) {
        committer.<Long>control(
                List.of(SubscriptionsView.capped(state.id(), cursor.queue(), below)),
                Lane.direct(),
                Reply.of(
                        count -> taken(state.key(), count, cause, why),
                        refused -> LOG.warn("nothing is taken from {}: {}", state.key(), refused.getMessage())),
                results -> results[0] instanceof Long count ? count : 0L);
    }

    private void taken(SubscriptionKey key, long count, Cause cause, String why) {
        if (count == 0) {
            return;
        }
        AtomicLong all = taken.get(cause);
        if (all != null) {
            all.addAndGet(count);
        }
        if (told++ < TOLD) {
            LOG.warn("{} messages were taken from the subscription {}: it held {}", count, key, why);
        } else {
            untold++;
        }
    }

    private void expire(SubscriptionState state) {
        if (settings.expiry().isZero() || state.key().kind() != SubscriptionKey.Kind.JMS_DURABLE) {
            return;
        }
        long now = clock.millis();
        boolean active = subscriptions.isActive(state.key());
        if (active != (state.unusedSince() == 0)) {
            note(state, active ? 0 : now);
        } else if (!active && now - state.unusedSince() >= settings.expiry().toMillis()) {
            long pending = subscriptions
                    .find(state.key())
                    .map(Subscriptions.Info::pending)
                    .orElse(0L);
            subscriptions.unsubscribe(state.key(), Lane.direct(), Reply.of(done -> expired(state, pending), refused -> {
                if (refused.reason() != Reason.SUBSCRIPTION_IN_USE) {
                    LOG.warn("{} does not expire: {}", state.key(), refused.getMessage());
                }
            }));
        }
    }

    private void expired(SubscriptionState state, long pending) {
        LOG.warn("the subscription {} had no consumer for {}: deleted", state.key(), settings.expiry());
        taken(state.key(), pending, Cause.EXPIRY, "them without a consumer for " + settings.expiry());
    }

    private void note(SubscriptionState state, long since) {
        committer.<@Nullable Done>control(
                List.of(SubscriptionsView.unused(state.id(), since)),
                Lane.direct(),
                Reply.of(done -> {}, refused -> LOG.warn("{} is not noted: {}", state.key(), refused.getMessage())),
                results -> Done.DONE);
    }
}
