/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.XaDone;

/** Gathers what groups answer about the branches of one transaction. Confined to the client's event loop. */
final class XaCodes {
    private final Map<Integer, XaDone> bySlot = new TreeMap<>();
    private final Consumer<XaCodes> whole;
    private int open;

    /** @param groups how many answers there will be; with none it is told at once */
    XaCodes(int groups, Consumer<XaCodes> whole) {
        this.open = groups;
        this.whole = whole;
        if (groups == 0) {
            whole.accept(this);
        }
    }

    /** Takes the answer of one group. */
    Consumer<Frame> of(int slot) {
        return answer -> {
            bySlot.put(slot, code(answer));
            open--;
            if (open == 0) {
                whole.accept(this);
            }
        };
    }

    /** A refusal is trouble at the group. */
    static XaDone code(Frame answer) {
        if (answer instanceof XaDone done) {
            return done;
        }
        return new XaDone(
                XAException.XAER_RMFAIL, answer instanceof Failed failed ? failed.message() : "no answer: " + answer);
    }

    boolean all(IntPredicate codes) {
        return bySlot.values().stream().allMatch(done -> codes.test(done.code()));
    }

    boolean any(IntPredicate codes) {
        return bySlot.values().stream().anyMatch(done -> codes.test(done.code()));
    }

    /** The first answer of such a code; there has to be one. */
    XaDone first(IntPredicate codes) {
        return bySlot.values().stream()
                .filter(done -> codes.test(done.code()))
                .findFirst()
                .orElseThrow();
    }

    /** The groups with such a code. */
    Iterable<Integer> slots(IntPredicate codes) {
        return bySlot.entrySet().stream()
                .filter(each -> codes.test(each.getValue().code()))
                .map(Map.Entry::getKey)
                .toList();
    }

    static boolean isOk(int code) {
        return code == XAResource.XA_OK || code == XAResource.XA_RDONLY;
    }

    static boolean isUnknownBranch(int code) {
        return code == XAException.XAER_NOTA;
    }

    static boolean isRolledBack(int code) {
        return code >= XAException.XA_RBBASE && code <= XAException.XA_RBEND;
    }
}
