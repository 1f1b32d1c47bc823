/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a message record says of a body that is stored in chunk records before it.
 *
 * @param id the number that its chunks carry; never used twice
 * @param length bytes of all chunks together
 * @param chunks how many there are
 */
public record LargeBody(long id, int length, int chunks) {
    public LargeBody {
        if (length < 0 || chunks < 0) {
            throw new IllegalArgumentException("a body of " + length + " bytes in " + chunks + " chunks");
        }
    }

    /** What a message's record says, position to limit, or null if the body is in the record. */
    public static @Nullable LargeBody of(ByteBuffer record) {
        if ((MessageRecord.flags(record) & MessageRecord.CHUNKED) == 0) {
            return null;
        }
        ByteBuffer whole = record.position() == 0 ? record : record.slice();
        return Extension.findLargeBody(whole, whole.getInt(MessageRecord.EXTENSION_OFFSET));
    }

    /** Where chunks are read from. Safe from any thread. */
    @FunctionalInterface
    public interface Chunks {
        /**
         * The bytes of one chunk: the caller's own, position to limit.
         *
         * @param number from 0
         * @throws org.polymq.broker.BrokerException UNAVAILABLE if it was removed with its message, or is damaged
         */
        ByteBuffer chunk(LargeBody body, int number);
    }

    /** The whole body in memory. */
    ByteBuffer assemble(Chunks from) {
        ByteBuffer whole = ByteBuffer.allocate(length);
        for (int i = 0; i < chunks; i++) {
            whole.put(from.chunk(this, i));
        }
        return whole.flip();
    }
}
