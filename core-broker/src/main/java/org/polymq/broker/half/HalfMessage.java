/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.half;

/**
 * A message whose producer has not decided about it yet.
 *
 * @param position the log position of what was staged
 * @param number rises with each half message of the broker
 * @param group the producer group that may be asked
 * @param transactionId the producer's name for it
 * @param stagedAt ms since the epoch
 * @param immunityMillis how long the producer wants not to be asked; negative for the broker's default
 * @param checks how often the producer group was asked
 * @param checkedAt when it was asked last, ms since the epoch; 0 never
 */
public record HalfMessage(
        long position,
        long number,
        String group,
        String transactionId,
        long stagedAt,
        long immunityMillis,
        int checks,
        long checkedAt) {
    HalfMessage checked(long now) {
        return new HalfMessage(position, number, group, transactionId, stagedAt, immunityMillis, checks + 1, now);
    }
}
