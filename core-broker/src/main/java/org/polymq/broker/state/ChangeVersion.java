/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Orders the states that something has had, so that another group which mirrors it never goes back: the time of the
 * last change, or one more than before if the clock has not moved on. So a group that was restored from a backup has a
 * new version with its next change. Changed by apply; safe to read from any thread.
 */
public final class ChangeVersion implements View {
    private volatile long value;

    /** 0 as long as nothing has been changed. */
    public long value() {
        return value;
    }

    /** @param storeTime of the record that changes it, ms since the epoch */
    public void changed(long storeTime) {
        value = Math.max(value + 1, storeTime);
    }

    /** What it is of has become that of another group. */
    public void mirrored(long version) {
        value = version;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(value);
    }

    @Override
    public void load(DataInput in) throws IOException {
        value = in.readLong();
    }
}
