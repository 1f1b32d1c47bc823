/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.ExtendedMapEntry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts one more failed login; answers how many there are.
 *
 * @param now ms since the epoch
 * @param forgottenAfter without a failure for so long, ms, those before count no more
 */
record CountFailure(long now, long forgottenAfter) implements EntryProcessor<String, Failures, Integer> {
    @Override
    public Integer process(Map.Entry<String, Failures> entry) {
        @Nullable Failures before = entry.getValue();
        int count = before == null || now - before.lastAt() > forgottenAfter ? 1 : before.count() + 1;
        Failures counted = new Failures(count, now);
        ((ExtendedMapEntry<String, Failures>) entry).setValue(counted, forgottenAfter, TimeUnit.MILLISECONDS);
        return count;
    }
}
