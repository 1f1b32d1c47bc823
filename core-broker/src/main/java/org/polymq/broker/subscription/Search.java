/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.LinkedHashMap;
import java.util.Map;
import org.polymq.broker.BrokerException;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.filter.MessageAttributes;
import org.polymq.broker.state.MessageReader;

/**
 * One bounded piece of looking for messages that selectors want. Messages that several selectors look at are read once.
 * Used by one pump.
 */
final class Search {
    /** How many messages are looked at in one piece: some ms at most. */
    private static final int LOOKS = 1_024;
    /** From the disk it may take longer, and consumers wait for the monitor. */
    private static final int COLD_LOOKS = 64;

    private static final int KEPT = 256;

    private final SubscriptionKey key;
    private final SubscriptionContext context;
    private final boolean mayBeCold;
    private final Map<Long, MessageAttributes> read = new LinkedHashMap<>();
    private int looks;
    private boolean cold;

    /** @param mayBeCold whether this thread may wait for the disk */
    Search(SubscriptionKey key, SubscriptionContext context, boolean mayBeCold) {
        this.key = key;
        this.context = context;
        this.mayBeCold = mayBeCold;
        this.looks = mayBeCold ? COLD_LOOKS : LOOKS;
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
        MessageAttributes attributes = read.get(position);
        if (attributes == null) {
            if (!mayRead(position)) {
                return false;
            }
            try {
                attributes = new MessageAttributes(context.reader().read(position));
            } catch (BrokerException unreadable) {
                // The consumer meets the same error when it opens the message, where it can be reported.
                return true;
            }
            if (read.size() < KEPT) {
                read.put(position, attributes);
            }
        }
        boolean wanted = filter.matches(attributes);
        looks -= wanted ? 0 : 1;
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
