/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.polymq.bench.Fields;

/**
 * Ticks off numbered messages as they arrive: which are missing, which came again, and whether the messages of one
 * sender lie in its order in each queue. Safe from any thread until {@link #figures}, which wants the others done.
 */
final class Checklist {
    /** The smallest body that can carry a number. */
    static final int HEADER = Long.BYTES + Byte.BYTES;

    private static final int OFFSET_BITS = 48;

    private final AtomicLongArray places; // by number: 0 = not seen, else 1 + the place of the first arrival
    private final byte[] senders;
    private final AtomicLong distinct = new AtomicLong();
    private final AtomicLong redelivered = new AtomicLong();
    private final AtomicLong storedTwice = new AtomicLong();
    private final AtomicLong foreign = new AtomicLong();

    /** For the numbers 0 to {@code messages} - 1; it keeps nine bytes for each. */
    Checklist(long messages) {
        int count = Math.toIntExact(messages);
        this.places = new AtomicLongArray(count);
        this.senders = new byte[count];
    }

    /**
     * Writes a number into the first bytes of a body.
     *
     * @param sender at most 127; order is promised to the messages of one sender
     */
    static void number(byte[] body, int sender, long number) {
        ByteBuffer.wrap(body).putLong(number).put((byte) sender);
    }

    /** Books what arrived; a body without a number of this list is counted apart. */
    void tick(byte[] body, int queue, long offset) {
        long number = body.length < HEADER ? -1 : ByteBuffer.wrap(body).getLong();
        if (number < 0 || number >= places.length()) {
            foreign.incrementAndGet();
            return;
        }
        long place = 1 + (((long) queue << OFFSET_BITS) | offset);
        int index = (int) number;
        if (places.compareAndSet(index, 0, place)) {
            senders[index] = body[Long.BYTES];
            distinct.incrementAndGet();
        } else if (places.get(index) == place) {
            redelivered.incrementAndGet();
        } else {
            storedTwice.incrementAndGet();
        }
    }

    /** Messages that came at least once. */
    long distinct() {
        return distinct.get();
    }

    /** Whether every number came. */
    boolean complete() {
        return distinct.get() == places.length();
    }

    /**
     * The findings: {@code missing}; {@code redelivered}, the same stored message again; {@code stored_twice}, the same
     * number in another place, which is a send that was repeated; {@code out_of_order}; {@code unnumbered}.
     */
    Fields figures(Fields before) {
        return before.with("missing", places.length() - distinct.get())
                .with("redelivered", redelivered)
                .with("stored_twice", storedTwice)
                .with("out_of_order", outOfOrder())
                .with("unnumbered", foreign);
    }

    private long outOfOrder() {
        Map<Long, Long> last = new HashMap<>(); // the latest place by sender and queue
        long found = 0;
        for (int number = 0; number < places.length(); number++) {
            long place = places.get(number);
            if (place != 0) {
                long queue = (place - 1) >>> OFFSET_BITS;
                Long before = last.put(((long) senders[number] << Integer.SIZE) | queue, place);
                if (before != null && before > place) {
                    found++;
                }
            }
        }
        return found;
    }
}
