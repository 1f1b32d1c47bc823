/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;

/**
 * The answer to a call of a transaction manager.
 *
 * @param code {@link XAResource#XA_OK}, {@link XAResource#XA_RDONLY}, or an error code of {@link XAException}
 * @param message what happened, for people; empty if it went well
 */
public record XaAnswer(int code, String message) {
    /** It was done. */
    public static final XaAnswer OK = new XaAnswer(XAResource.XA_OK, "");

    /** There was nothing to commit; the branch is over. */
    static final XaAnswer READ_ONLY = new XaAnswer(XAResource.XA_RDONLY, "");

    static XaAnswer unknown(BranchId id) {
        return new XaAnswer(XAException.XAER_NOTA, "there is no branch " + id);
    }

    static XaAnswer protocol(BranchId id, String why) {
        return new XaAnswer(XAException.XAER_PROTO, "branch " + id + " " + why);
    }

    public boolean isOk() {
        return code == XAResource.XA_OK || code == XAResource.XA_RDONLY;
    }
}
