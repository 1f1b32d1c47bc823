/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one pump of a {@link Dispatcher} hands out. Confined to that pump. */
final class Round {
    private static final Logger LOG = LoggerFactory.getLogger(Round.class);

    private final List<DurableConsumer> receivers = new ArrayList<>(2);
    private final List<List<Delivery>> batches = new ArrayList<>(2);
    private final List<Runnable> polls = new ArrayList<>(0);
    private final List<Delivery> dead = new ArrayList<>(0);
    private boolean more;
    private boolean cold;

    void add(DurableConsumer receiver, List<Delivery> batch) {
        if (!batch.isEmpty()) {
            receivers.add(receiver);
            batches.add(batch);
        }
    }

    /** Runs these behind what is handed out. */
    void addPolls(List<Runnable> tasks) {
        polls.addAll(tasks);
    }

    /** Delivered too often before the policy was what it is, or the broker was started. */
    void addDead(Delivery delivery) {
        dead.add(delivery);
    }

    List<Delivery> dead() {
        return dead;
    }

    /** Says whether another pump has to follow. */
    void more(boolean there) {
        more = there;
    }

    boolean hasMore() {
        return more;
    }

    /** Something in it may have to be read from the disk. */
    void cold(boolean is) {
        cold |= is;
    }

    boolean isCold() {
        return cold;
    }

    /** Reads the messages, so that their consumers need not wait for the disk. */
    void load() {
        for (List<Delivery> batch : batches) {
            batch.forEach(Delivery::load);
        }
    }

    void send() {
        for (int i = 0; i < receivers.size(); i++) {
            DurableConsumer receiver = receivers.get(i);
            List<Delivery> batch = batches.get(i);
            attempt(() -> receiver.send(batch));
        }
        polls.forEach(Round::attempt);
    }

    // One lane that takes nothing more does not keep the others from theirs.
    private static void attempt(Runnable handing) {
        try {
            handing.run();
        } catch (RuntimeException e) {
            LOG.warn("a consumer's lane takes nothing more", e);
        }
    }
}
