/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.filter.Filter;

/**
 * The readers of one subscription: one per selector in use, one for consumers without, and those whose last consumer
 * left a short while ago, so that the next with that selector need not look at everything again. Guarded by its
 * dispatcher's monitor.
 */
final class Readers {
    private static final int MOST_KEPT = 256;
    /** Of a subscription to many queues fewer readers are kept. */
    private static final int MOST_KEPT_CURSORS = 1_024;
    /** How long one is kept, in calls of {@link #age}. */
    static final int KEPT_AGES = 300;

    private final List<SubscriptionReader> all = new ArrayList<>();
    /** Those without consumers, the one left first in front. */
    private final Deque<SubscriptionReader> kept = new ArrayDeque<>();

    private int ages;

    /**
     * The reader of a selector, with one consumer more.
     *
     * @param opening gives a new reader what it reads
     */
    SubscriptionReader join(@Nullable Filter filter, Consumer<SubscriptionReader> opening) {
        for (SubscriptionReader reader : all) {
            if (Objects.equals(reader.filter(), filter)) {
                kept.remove(reader);
                reader.join();
                return reader;
            }
        }
        SubscriptionReader reader = new SubscriptionReader(filter);
        opening.accept(reader);
        reader.join();
        all.add(reader);
        return reader;
    }

    /** One consumer less. */
    void leave(SubscriptionReader reader) {
        if (!reader.leave()) {
            return;
        }
        if (reader.filter() == null) {
            all.remove(reader); // What it passed is taken: there is nothing to look at again.
            return;
        }
        kept.add(reader);
        reader.leftAt(ages);
        while (kept.size() > MOST_KEPT || (long) kept.size() * reader.queues() > MOST_KEPT_CURSORS) {
            dropOldest();
        }
    }

    /** Some time has passed. */
    void age() {
        ages++;
        while (!kept.isEmpty() && ages - kept.element().leftAt() >= KEPT_AGES) {
            dropOldest();
        }
    }

    private void dropOldest() {
        all.remove(kept.remove());
    }

    /** Whether readers are kept for consumers that may come. */
    boolean keeps() {
        return !kept.isEmpty();
    }

    /** A queue was added. */
    void open(Supplier<CursorReader> cursor) {
        all.forEach(reader -> reader.open(cursor.get()));
    }

    void close(long queue) {
        all.forEach(reader -> reader.close(queue));
    }

    /** Something came back. */
    void returned(long rank) {
        all.forEach(reader -> reader.returned(rank));
    }

    void clear() {
        all.clear();
        kept.clear();
    }
}
