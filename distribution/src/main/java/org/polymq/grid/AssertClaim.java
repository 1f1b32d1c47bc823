/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says again that a gateway has a client, after the grid may have lost it; a later claim stays. Answers what is there
 * then.
 */
record AssertClaim(long gateway, long epoch) implements EntryProcessor<String, Owner, Owner> {
    @Override
    @SuppressWarnings("NullAway") // Hazelcast's entries hold null where there is none
    public Owner process(Map.Entry<String, Owner> entry) {
        @Nullable Owner there = entry.getValue();
        if (there != null && there.epoch() >= epoch) {
            return there;
        }
        Owner again = new Owner(gateway, epoch, false);
        entry.setValue(again);
        return again;
    }
}
