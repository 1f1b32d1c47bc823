/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A part of the state as of one record, which does not change any more: taken while the log stands still, written
 * later.
 */
@FunctionalInterface
public interface StateImage {
    /** Writes it, once. By the log's background thread or by who closes the log. */
    void write(DataOutput out) throws IOException;

    /** Of what is small enough to be encoded at once. */
    static StateImage of(Encoder encoder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        encoder.encode(out);
        out.flush();
        return into -> into.write(bytes.toByteArray());
    }

    /** Writes the state as it is now. */
    @FunctionalInterface
    interface Encoder {
        void encode(DataOutput out) throws IOException;
    }
}
