/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.util.ArrayList;
import java.util.List;
import org.polymq.tck.ledger.Verdict;

/**
 * What a part of the suite found.
 *
 * @param atLeastOnce judged without regard to doubles
 * @param exactlyOnce judged with them: QoS 2 and transactions
 * @param failures what else was wrong, in words
 */
public record Outcome(Verdict atLeastOnce, Verdict exactlyOnce, List<String> failures) {
    /** Copies the failures. */
    public Outcome {
        failures = List.copyOf(failures);
    }

    /** Nothing found. */
    static Outcome none() {
        return new Outcome(Verdict.none(), Verdict.none(), List.of());
    }

    /** A failure in words and nothing else. */
    static Outcome failed(String failure) {
        return new Outcome(Verdict.none(), Verdict.none(), List.of(failure));
    }

    /** Both together. */
    Outcome and(Outcome other) {
        List<String> both = new ArrayList<>(failures);
        both.addAll(other.failures);
        return new Outcome(atLeastOnce.and(other.atLeastOnce), exactlyOnce.and(other.exactlyOnce), both);
    }

    /** Whether everything held. */
    public boolean holds() {
        return atLeastOnce.atLeastOnce() && exactlyOnce.exactlyOnce() && failures.isEmpty();
    }

    /** The line that ends {@code bin/faults}. */
    @Override
    public String toString() {
        Verdict all = atLeastOnce.and(exactlyOnce);
        return "acknowledged " + all.acknowledged() + ", lost " + all.lost() + ", doubled " + all.doubled()
                + " (QoS 2 and transactions " + exactlyOnce.doubled() + "), out of order " + all.outOfOrder()
                + (all.corrupt() > 0 ? ", corrupt " + all.corrupt() : "")
                + (all.unexpected() > 0 ? ", unexpected " + all.unexpected() : "")
                + (failures.isEmpty() ? "" : ", other failures " + failures.size());
    }
}
