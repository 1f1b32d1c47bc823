/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import org.polymq.broker.Lane;

/**
 * Looks at what was in a {@link MemoryQueue} when browsing began, and takes nothing. Its state is guarded by its
 * monitor.
 */
final class MemoryBrowser extends Onlooker {
    private final Lane lane;
    private final Listener listener;
    private final Queue<Delivery> rest;
    private long messages;
    private long bytes;

    /** @param found what is looked at, in its order */
    MemoryBrowser(Lane lane, Listener listener, Collection<Delivery> found) {
        this.lane = lane;
        this.listener = listener;
        this.rest = new ArrayDeque<>(found);
    }

    @Override
    public void credit(int moreMessages, long moreBytes) {
        List<Delivery> batch = new ArrayList<>();
        synchronized (this) {
            messages += moreMessages;
            bytes += moreBytes;
            while (messages > 0 && bytes > 0 && !rest.isEmpty()) {
                Delivery next = rest.remove();
                messages--;
                bytes -= next.size();
                batch.add(next);
            }
            if (!batch.isEmpty()) {
                lane.execute(() -> listener.delivered(batch)); // in the monitor: batches keep their order
            }
        }
    }

    @Override
    public void poll(Runnable done) {
        lane.execute(done);
    }

    @Override
    public synchronized void close(boolean counted) {
        rest.clear();
    }
}
