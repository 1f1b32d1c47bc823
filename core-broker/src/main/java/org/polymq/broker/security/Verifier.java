/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.state.ControlRecord;

/**
 * What is kept of a password: enough to check it and to take part in SCRAM-SHA-256 (RFC 5802), not enough to log in
 * with.
 *
 * @param salt 16 bytes or more
 * @param iterations of PBKDF2-HMAC-SHA-256
 * @param storedKey hash of the client's key
 * @param serverKey by which the broker proves in SCRAM that it knows this record
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never shared outside this package
record Verifier(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {

    static boolean same(@Nullable Verifier a, @Nullable Verifier b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return Arrays.equals(a.storedKey, b.storedKey);
    }

    void write(DataOutput out) throws IOException {
        ControlRecord.writeBytes(out, salt);
        out.writeInt(iterations);
        ControlRecord.writeBytes(out, storedKey);
        ControlRecord.writeBytes(out, serverKey);
    }

    static Verifier read(DataInput in) throws IOException {
        byte[] salt = ControlRecord.readBytes(in);
        return new Verifier(salt, in.readInt(), ControlRecord.readBytes(in), ControlRecord.readBytes(in));
    }

    /** Says nothing of its secrets. */
    @Override
    public String toString() {
        return "Verifier[" + iterations + " iterations]";
    }
}
