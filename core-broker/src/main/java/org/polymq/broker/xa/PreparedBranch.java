/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.util.List;
import org.polymq.broker.subscription.AcknowledgedRange;

/**
 * A branch that was prepared and whose end the log does not hold yet, or that an administrator ended.
 *
 * @param number tells it from an earlier branch of the same name
 * @param owner the name of the user who prepared it; empty if that was while security was off
 * @param since when it was prepared or ended by an administrator, ms since the epoch
 * @param messages log positions of its messages, in order; empty once it has ended
 * @param acknowledged what it acknowledges; empty once it has ended
 */
public record PreparedBranch(
        BranchId id,
        long number,
        String owner,
        long since,
        State state,
        List<Long> messages,
        List<AcknowledgedRange> acknowledged) {

    /** How far it is; the order is the byte in the log. */
    public enum State {
        /** Its transaction manager has to decide. */
        PREPARED,
        /** An administrator committed it; it stays until its transaction manager forgets it. */
        COMMITTED,
        /** An administrator rolled it back; it stays until its transaction manager forgets it. */
        ROLLED_BACK
    }

    public PreparedBranch {
        messages = List.copyOf(messages);
        acknowledged = List.copyOf(acknowledged);
    }

    /** How many messages it acknowledges. */
    public long acknowledgedCount() {
        return acknowledged.stream().mapToLong(AcknowledgedRange::count).sum();
    }

    PreparedBranch ended(State how, long when) {
        return new PreparedBranch(id, number, owner, when, how, List.of(), List.of());
    }
}
