/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HexFormat;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * The name that a transaction manager gave to one branch of a transaction (X/Open XA, 4.2).
 *
 * @param format its format id; not negative
 * @param global the global transaction's id, 1 to 64 bytes as hexadecimal digits in lower case
 * @param qualifier the branch's qualifier, 0 to 64 bytes likewise
 */
public record BranchId(int format, String global, String qualifier) {
    /**
     * The format of the branches that gateways make of a transaction over several groups of a cluster ("PMQT"); no
     * transaction manager may use it.
     */
    public static final int OF_CLUSTER = 0x504D5154;

    private static final int MAX_BYTES = 64;
    private static final HexFormat HEX = HexFormat.of();

    public BranchId {
        check(format >= 0 && !global.isEmpty() && isShort(global) && isShort(qualifier));
    }

    /** @throws BrokerException INVALID_REQUEST if these are no id */
    public static BranchId of(int format, byte[] global, byte[] qualifier) {
        return new BranchId(format, HEX.formatHex(global), HEX.formatHex(qualifier));
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws BrokerException INVALID_REQUEST if it is none
     */
    public static BranchId parse(String text) {
        String[] parts = text.split(":", -1);
        try {
            check(parts.length == 3);
            return of(Integer.parseInt(parts[0]), HEX.parseHex(parts[1]), HEX.parseHex(parts[2]));
        } catch (IllegalArgumentException e) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "'" + text + "' is no branch: format:global:qualifier, in hexadecimal", e);
        }
    }

    private static void check(boolean valid) {
        if (!valid) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "a branch has a format of 0 or more, a global id of 1 to 64 bytes and a qualifier of at most 64");
        }
    }

    private static boolean isShort(String hex) {
        return hex.length() <= 2 * MAX_BYTES;
    }

    /** Whether it is part of a transaction over several groups, which no transaction manager knows. */
    public boolean isOfCluster() {
        return format == OF_CLUSTER;
    }

    public byte[] globalBytes() {
        return HEX.parseHex(global);
    }

    public byte[] qualifierBytes() {
        return HEX.parseHex(qualifier);
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(format);
        out.writeUTF(global);
        out.writeUTF(qualifier);
    }

    static BranchId read(DataInput in) throws IOException {
        return new BranchId(in.readInt(), in.readUTF(), in.readUTF());
    }

    /** Its three parts with colons between them: what administrators see and give. */
    @Override
    public String toString() {
        return format + ":" + global + ":" + qualifier;
    }
}
