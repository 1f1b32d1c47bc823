/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.function.LongSupplier;

/** Which copy of the log consumers read, where there are several. Safe from any thread. */
public interface Replica {
    /** Of a broker that has the only copy. */
    Replica ONLY = new Replica() {
        @Override
        public boolean lags() {
            return false;
        }

        @Override
        public int readFrom(int queueId, LongSupplier behind) {
            return 0;
        }
    };

    /** Whether there may be messages, seen elsewhere, that this copy does not have yet. */
    boolean lags();

    /**
     * The id of the broker from which a consumer is to read next.
     *
     * @param behind bytes of log after what it reads next; asked only where it matters
     */
    int readFrom(int queueId, LongSupplier behind);
}
