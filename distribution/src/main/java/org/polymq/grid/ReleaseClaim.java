/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes a claim away, if it is still that of this gateway and epoch. Answers whether it was. */
record ReleaseClaim(long gateway, long epoch) implements EntryProcessor<String, Owner, Boolean> {
    @Override
    @SuppressWarnings("NullAway") // Hazelcast's entries hold null where there is none
    public Boolean process(Map.Entry<String, Owner> entry) {
        @Nullable Owner there = entry.getValue();
        boolean own = there != null && there.gateway() == gateway && there.epoch() == epoch;
        if (own) {
            entry.setValue(null);
        }
        return own;
    }
}
