/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Messages of one queue that a subscription is done with, or will be if a transaction commits.
 *
 * @param subscription the subscription's number in the log
 * @param queue the log's number of the queue
 * @param start the first offset, inclusive
 * @param end the last offset, exclusive
 */
public record AcknowledgedRange(int subscription, long queue, long start, long end) {
    public void write(DataOutput out) throws IOException {
        out.writeInt(subscription);
        out.writeLong(queue);
        out.writeLong(start);
        out.writeLong(end);
    }

    public static AcknowledgedRange read(DataInput in) throws IOException {
        return new AcknowledgedRange(in.readInt(), in.readLong(), in.readLong(), in.readLong());
    }

    /** How many messages these are. */
    public long count() {
        return end - start;
    }
}
