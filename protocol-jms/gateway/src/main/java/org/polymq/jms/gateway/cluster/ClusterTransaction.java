/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.xa.BranchId;
import org.polymq.jms.wire.XaId;

/**
 * A transaction over several groups, and the names of its branches, which tell who takes part: so whoever finds one of
 * them can finish all. Immutable.
 *
 * @param number random, 16 bytes in hexadecimal
 * @param coordinator the slot of the group that decides
 * @param members slots as bits, the coordinator's too
 */
record ClusterTransaction(String number, int coordinator, int members) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int QUALIFIER = 4;

    /** A new one over these groups. */
    static ClusterTransaction over(int coordinator, Collection<Integer> slots) {
        byte[] number = new byte[16];
        RANDOM.nextBytes(number);
        int members = 0;
        for (int slot : slots) {
            members |= 1 << slot;
        }
        return new ClusterTransaction(HexFormat.of().formatHex(number), coordinator, members);
    }

    /** The one that a branch belongs to. */
    static ClusterTransaction of(XaId branch) {
        if (branch.format() != BranchId.OF_CLUSTER || branch.qualifier().length != QUALIFIER) {
            throw new BrokerException(Reason.INVALID_REQUEST, branch + " is no branch of a cluster's transaction");
        }
        ByteBuffer qualifier = ByteBuffer.wrap(branch.qualifier());
        int coordinator = qualifier.get();
        qualifier.get();
        return new ClusterTransaction(
                HexFormat.of().formatHex(branch.global()), coordinator, qualifier.getShort() & 0xffff);
    }

    /** Its branch in a group. */
    XaId branch(int slot) {
        byte[] qualifier = ByteBuffer.allocate(QUALIFIER)
                .put((byte) coordinator)
                .put((byte) slot)
                .putShort((short) members)
                .array();
        return new XaId(BranchId.OF_CLUSTER, HexFormat.of().parseHex(number), qualifier);
    }

    /** The groups that follow the coordinator's decision. */
    List<Integer> others() {
        List<Integer> others = new ArrayList<>();
        for (int slot = 0; slot < Short.SIZE; slot++) {
            if ((members & 1 << slot) != 0 && slot != coordinator) {
                others.add(slot);
            }
        }
        return others;
    }
}
