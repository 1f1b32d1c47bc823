/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/**
 * Code 37: a producer decides about a half message.
 *
 * @param tranStateTableOffset the number it was given as its queue offset
 * @param commitLogOffset its log position
 * @param commitOrRollback {@link #COMMIT}, {@link #ROLLBACK}, or 0: not known yet
 * @param fromTransactionCheck whether it answers a question of the broker
 */
public record EndTransactionHeader(
        String producerGroup,
        long tranStateTableOffset,
        long commitLogOffset,
        int commitOrRollback,
        boolean fromTransactionCheck) {
    public static final int COMMIT = 8;
    public static final int ROLLBACK = 12;

    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static EndTransactionHeader of(ExtFields fields) {
        return new EndTransactionHeader(
                fields.string("producerGroup"),
                fields.number("tranStateTableOffset"),
                fields.number("commitLogOffset"),
                fields.integer("commitOrRollback"),
                fields.flag("fromTransactionCheck", false));
    }
}
