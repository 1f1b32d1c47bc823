/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/** Says by which keys a record is found. A pure function of the record; called on any thread. */
@FunctionalInterface
public interface KeyExtractor {
    /**
     * Tells the hash of each key of a record; nothing for one that has none.
     *
     * @param record position to limit; valid during the call only
     * @param hashes spread evenly over all ints
     */
    void keys(ByteBuffer record, IntConsumer hashes);
}
