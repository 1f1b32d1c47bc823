/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;

/** Decides with the other nodes of a group which entries their logs have, and in which order. */
@FunctionalInterface
public interface Consensus {
    /**
     * Offers an entry to the group. Must not block. Calls come in the order that the entries should have, under the
     * append lock.
     *
     * @param body goes into the {@link GroupEntry}; not changed afterwards
     * @param proposed handed to {@link GroupLog#apply} with the entry, or {@linkplain ProposedEntry#refuse refused}
     */
    void propose(ByteBuffer body, ProposedEntry proposed);
}
