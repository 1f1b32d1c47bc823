/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ledger;

import java.util.List;

/**
 * The judgement over a ledger, summed over its subscribers.
 *
 * @param acknowledged messages that the broker said it has
 * @param lost acknowledged messages that a subscriber did not get
 * @param doubled messages that a subscriber got again
 * @param outOfOrder messages that a subscriber got for the first time after a later one of the same stream
 * @param corrupt bodies that are not what was sent
 * @param unexpected messages that were refused or never sent, and came all the same
 * @param examples a few words about each kind of failure
 */
public record Verdict(
        long acknowledged,
        long lost,
        long doubled,
        long outOfOrder,
        long corrupt,
        long unexpected,
        List<String> examples) {
    /** Copies the examples. */
    public Verdict {
        examples = List.copyOf(examples);
    }

    /** A verdict over nothing. */
    public static Verdict none() {
        return new Verdict(0, 0, 0, 0, 0, 0, List.of());
    }

    /** Both together. */
    public Verdict and(Verdict other) {
        List<String> both = new java.util.ArrayList<>(examples);
        both.addAll(other.examples);
        return new Verdict(
                acknowledged + other.acknowledged,
                lost + other.lost,
                doubled + other.doubled,
                outOfOrder + other.outOfOrder,
                corrupt + other.corrupt,
                unexpected + other.unexpected,
                both);
    }

    /** The same for messages that were sent in no order. */
    public Verdict inAnyOrder() {
        return new Verdict(acknowledged, lost, doubled, 0, corrupt, unexpected, lost > 0 ? examples : List.of());
    }

    /** Nothing lost, corrupt, unexpected or out of order; doubles are for the caller to judge. */
    public boolean atLeastOnce() {
        return lost == 0 && outOfOrder == 0 && corrupt == 0 && unexpected == 0;
    }

    /** And nothing doubled. */
    public boolean exactlyOnce() {
        return atLeastOnce() && doubled == 0;
    }

    @Override
    public String toString() {
        return "acknowledged " + acknowledged + ", lost " + lost + ", doubled " + doubled + ", out of order "
                + outOfOrder + (corrupt > 0 ? ", corrupt " + corrupt : "")
                + (unexpected > 0 ? ", unexpected " + unexpected : "");
    }
}
