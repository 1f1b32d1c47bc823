/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import org.polymq.broker.BrokerException;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.filter.MessageAttributes;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;

/**
 * One bounded piece of looking for messages that selectors want. Messages that several selectors look at are read once.
 * Used by one pump.
 */
final class Search {
    /** How many messages are looked at in one piece: some ms at most. */
    static final int LOOKS = 1_024;
    /** The records of what is looked at in one piece have so many bytes together. */
    static final int BYTES = 1 << 20;
    /** As many looks as one that may wait for the disk costs: consumers wait for the monitor meanwhile. */
    private static final int COLD_LOOK = 16;

    private final SubscriptionKey key;
    private final SubscriptionContext context;
    private final boolean mayBeCold;
    private final Looks known;
    private int looks = LOOKS;
    private int bytes = BYTES;
    private boolean cold;

    /**
     * @param known what earlier pieces looked at
     * @param mayBeCold whether this thread may wait for the disk
     */
    Search(SubscriptionKey key, SubscriptionContext context, Looks known, boolean mayBeCold) {
        this.key = key;
        this.context = context;
        this.known = known;
        this.mayBeCold = mayBeCold;
    }

    MessageReader messages() {
        return context.reader();
    }

    /** Whether a selector wants a message; what is over is taken by whoever finds it. False if the search is over. */
    boolean matches(Filter filter, long position, int flags, long expiresAt) {
        if (context.expiry().isOver(key, position, flags, expiresAt)) {
            return true;
        }
        if (looks == 0) {
            return false;
        }
        Looks.Look look = known.get(position);
        boolean cold = look == null && mayBeCold;
        if (look == null) {
            if (!mayRead(position)) {
                return false;
            }
            try {
                StoredMessage message = context.reader().read(position);
                look = new Looks.Look(
                        position,
                        new MessageAttributes(message),
                        message.record().remaining());
            } catch (BrokerException unreadable) {
                // The consumer meets the same error when it opens the message, where it can be reported.
                return true;
            }
            known.add(look);
        }
        boolean wanted = filter.matches(look.attributes());
        if (!wanted) {
            bytes -= look.size();
            looks = bytes <= 0 ? 0 : Math.max(0, looks - (cold ? COLD_LOOK : 1));
        }
        return wanted;
    }

    /** Whether this thread may read a message now; if not the search is over, and the next piece may. */
    boolean mayRead(long position) {
        if (!mayBeCold && context.coldReads().isCold(position)) {
            cold = true;
            looks = 0;
            return false;
        }
        return true;
    }

    /** Whether another piece has to go on. */
    boolean isOver() {
        return looks == 0;
    }

    /** Whether the next piece has to run where the disk may be waited for. */
    boolean isCold() {
        return cold;
    }
}
