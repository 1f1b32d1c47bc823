/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;

/**
 * One message handed to one consumer: in flight until it is accepted or released. Compared by identity. The message may
 * be read from any thread.
 */
public final class Delivery {
    private static final long[] NOWHERE = {};

    private final @Nullable MessageReader reader;
    private final long position;
    /** Pairs of queue and offset; more than one where several filters of the subscription match. */
    private final long[] spots;

    private final int size;
    private final int flags;
    private final long expiresAt;
    private final int deliveryCount;
    private @Nullable StoredMessage message;

    Delivery(
            @Nullable MessageReader reader,
            long position,
            int size,
            int flags,
            long expiresAt,
            long[] spots,
            int deliveryCount,
            @Nullable StoredMessage message) {
        this.reader = reader;
        this.position = position;
        this.size = size;
        this.flags = flags;
        this.expiresAt = expiresAt;
        this.spots = spots;
        this.deliveryCount = deliveryCount;
        this.message = message;
    }

    static Delivery ofTransient(MessageReader reader, long position, @Nullable StoredMessage message) {
        return new Delivery(reader, position, 0, 0, 0, NOWHERE, 1, message);
    }

    /** A message that is in no log; its place is its number in its queue. */
    static Delivery inMemory(StoredMessage message, long number) {
        return new Delivery(
                null, number, message.record().remaining(), message.flags(), message.expiresAt(), NOWHERE, 1, message);
    }

    /** The message's log position: its locator. */
    public long position() {
        return position;
    }

    /** The log's number of the queue it was read from; not for a transient subscription. */
    public long queue() {
        return spots[0];
    }

    /** Its offset there. */
    public long offset() {
        return spots[1];
    }

    /** Bytes of the stored record; 0 for a transient subscription. */
    public int size() {
        return size;
    }

    /** Its place in the order of the subscription: higher priorities first, then the order of the log. */
    long rank() {
        return PriorityLanes.rank(flags, position);
    }

    /** Flags of the index entry. */
    int flags() {
        return flags;
    }

    /** When the message expires, ms since the epoch; 0 never. */
    long expiresAt() {
        return expiresAt;
    }

    /** 1 for the first time that an application is handed the message, then rising. */
    public int deliveryCount() {
        return deliveryCount;
    }

    public boolean redelivered() {
        return deliveryCount > 1;
    }

    /** @throws BrokerException UNAVAILABLE if the record cannot be read any more */
    public StoredMessage message() {
        StoredMessage loaded = message;
        if (loaded == null && reader != null) {
            loaded = reader.read(position);
            message = loaded;
        }
        return Objects.requireNonNull(loaded, "a message in memory");
    }

    /** Reads the message now, if it can be read; if not, {@link #message} says why. */
    void load() {
        try {
            message();
        } catch (BrokerException unreadable) {
            // Whoever opens the message meets the same error where it can be reported.
            message = null;
        }
    }

    boolean isAt(long queue, long offset) {
        for (int i = 0; i < spots.length; i += 2) {
            if (spots[i] == queue && spots[i + 1] == offset) {
                return true;
            }
        }
        return false;
    }

    long[] spots() {
        return spots;
    }

    /** The same message as it was handed over the last time. */
    Delivery before() {
        return new Delivery(reader, position, size, flags, expiresAt, spots, deliveryCount - 1, message);
    }

    /** The same message for the next consumer. */
    Delivery again(boolean counted) {
        int count = counted ? deliveryCount + 1 : deliveryCount;
        StoredMessage kept = reader == null ? message : null;
        return new Delivery(reader, position, size, flags, expiresAt, spots, count, kept);
    }
}
