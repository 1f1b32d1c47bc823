/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.filter.Filter;

/**
 * Looks at what a subscription is not done with, as it was when browsing began, and takes nothing: messages that others
 * have in flight are among it. Its state is guarded by its monitor.
 */
final class Browser extends Onlooker {
    private static final int BATCH = 64;
    private static final Filter EVERYTHING = Filter.compile("TRUE");

    private final SubscriptionState subscription;
    private final SubscriptionContext context;
    private final Lane lane;
    private final Listener listener;
    private final SubscriptionReader reader;
    private final long end;
    private final List<Runnable> polls = new ArrayList<>();
    private long messages;
    private long bytes;
    private boolean running;
    private boolean closed;

    Browser(
            SubscriptionState subscription,
            SubscriptionContext context,
            Lane lane,
            @Nullable Filter filter,
            Listener listener) {
        this.subscription = subscription;
        this.context = context;
        this.lane = lane;
        this.listener = listener;
        this.end = context.appliedBelow().getAsLong();
        this.reader = new SubscriptionReader(filter == null ? EVERYTHING : filter);
        subscription
                .cursors()
                .forEach((queue, cursor) -> reader.open(
                        new CursorReader(context.index(), cursor, cursor.done().copy())));
    }

    @Override
    public void credit(int moreMessages, long moreBytes) {
        synchronized (this) {
            messages += moreMessages;
            bytes += moreBytes;
        }
        start();
    }

    @Override
    public void poll(Runnable done) {
        synchronized (this) {
            polls.add(done);
        }
        start();
    }

    private void start() {
        synchronized (this) {
            if (running) {
                return;
            }
            running = true;
        }
        lane.execute(() -> look(false));
    }

    private void look(boolean mayBeCold) {
        Search search = new Search(subscription.key(), context, new Looks(), mayBeCold);
        List<Delivery> found = new ArrayList<>();
        List<Runnable> answered = List.of();
        boolean more;
        synchronized (this) {
            more = fill(found, search);
            if (!more) {
                running = false;
                answered = List.copyOf(polls);
                polls.clear();
            }
        }
        if (search.isCold() || mayBeCold) {
            found.forEach(Delivery::load);
        }
        List<Runnable> replies = answered;
        lane.execute(() -> {
            if (!found.isEmpty()) {
                listener.delivered(found);
            }
            replies.forEach(Runnable::run);
        });
        if (search.isCold()) {
            context.coldReads().execute(() -> look(true));
        } else if (more) {
            lane.execute(() -> look(false));
        }
    }

    /** Whether there is more to do. */
    private boolean fill(List<Delivery> found, Search search) {
        while (!closed && messages > 0 && bytes > 0) {
            if (found.size() == BATCH) {
                return true;
            }
            Delivery next = reader.next(new TreeMap<>(), end, search);
            if (next == null) {
                return search.isOver();
            }
            if (!context.expiry().isOver(subscription.key(), next.position(), next.flags(), next.expiresAt())) {
                messages--;
                bytes -= next.size();
                found.add(next);
            }
        }
        return false;
    }

    @Override
    public synchronized void close(boolean counted) {
        closed = true;
    }
}
