/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
 * @param number 16 bytes in hexadecimal: its client's mark, and eight random ones
 * @param coordinator the slot of the group that decides
 * @param members slots as bits, the coordinator's too
 */
record ClusterTransaction(String number, int coordinator, int members) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NUMBER = 16;
    private static final int MARK = 8;
    private static final int QUALIFIER = 4;

    /** A new one over these groups, which can be found by the word that its client shows when it comes back. */
    static ClusterTransaction over(int coordinator, Collection<Integer> slots, String instance) {
        byte[] random = new byte[NUMBER - MARK];
        RANDOM.nextBytes(random);
        int members = 0;
        for (int slot : slots) {
            members |= 1 << slot;
        }
        return new ClusterTransaction(mark(instance) + HexFormat.of().formatHex(random), coordinator, members);
    }

    /** How the numbers of a client's transactions begin; the word cannot be told from it. */
    static String mark(String instance) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(instance.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, MARK);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
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
