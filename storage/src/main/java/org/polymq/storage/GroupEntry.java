/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;

/**
 * An entry as the nodes of a group hand it to each other.
 *
 * @param index from 1, without a gap
 * @param term of the leader that made it
 * @param body of {@link Kind#MESSAGES}: what {@link Consensus#propose} was given; of {@link Kind#MEMBERS}: free; of
 *     {@link Kind#NOTHING}: empty. Position to limit
 */
public record GroupEntry(long index, long term, Kind kind, ByteBuffer body) {
    /** What is in it. */
    public enum Kind {
        /** Records for the state machine. */
        MESSAGES(0),
        /** Nothing: it marks the beginning of a term. */
        NOTHING(1),
        /** Who is in the group. */
        MEMBERS(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /** How files name it. */
        int number() {
            return number;
        }
    }

    static Kind kind(int number) {
        return switch (number) {
            case 0 -> Kind.MESSAGES;
            case 1 -> Kind.NOTHING;
            case 2 -> Kind.MEMBERS;
            default ->
                throw new StorageException(StorageException.Reason.CORRUPT, "an entry of the unknown kind " + number);
        };
    }
}
