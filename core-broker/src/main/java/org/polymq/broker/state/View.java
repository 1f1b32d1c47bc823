/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.polymq.storage.StateImage;

/** A part of the state that the log's records build. Changed only by apply, one record at a time. */
public interface View {
    /** Writes the view as of the last applied record. */
    void save(DataOutput out) throws IOException;

    /** What {@link #save} writes, taken now and written later: quickly, as nothing is stored meanwhile. */
    default StateImage image() throws IOException {
        return StateImage.of(this::save);
    }

    /** Replaces the view by what {@link #save} wrote. */
    void load(DataInput in) throws IOException;
}
