/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes down that a gateway has a client.
 *
 * @param gateway the one that has it now
 * @param seen the epoch that was there before the client was let in; 0 if there was none
 * @param now of the caller's clock, us since the epoch: so an epoch is larger than those of members that were apart
 */
record TakeClaim(long gateway, long seen, long now) implements EntryProcessor<String, Owner, TakeClaim.Taken> {

    /**
     * What came of it.
     *
     * @param epoch of the new claim
     * @param from the gateway that had the client before, if it had it before this one asked; else 0
     * @param fromEpoch of that claim
     */
    record Taken(long epoch, long from, long fromEpoch) {}

    @Override
    @SuppressWarnings("NullAway") // Hazelcast's entries hold null where there is none
    public Taken process(Map.Entry<String, Owner> entry) {
        @Nullable Owner before = entry.getValue();
        long epoch = before == null ? now : Math.max(now, before.epoch() + 1);
        boolean contested = before != null && before.epoch() != seen;
        entry.setValue(new Owner(gateway, epoch, contested));
        return before == null || contested
                ? new Taken(epoch, 0, 0)
                : new Taken(epoch, before.gateway(), before.epoch());
    }
}
