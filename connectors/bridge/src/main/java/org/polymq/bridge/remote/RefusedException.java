/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

import java.util.Map;

/**
 * The remote refused messages for good; sending them again would change nothing.
 *
 * <p>Of a batch those below {@link #settled} are acknowledged, except the refused ones; those from there on were not
 * taken.
 */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int settled;
    private final transient Map<Integer, String> reasons;

    /**
     * @param settled how many messages of the batch need not be sent again
     * @param reasons why, by place in the batch; each below {@code settled}
     */
    public RefusedException(int settled, Map<Integer, String> reasons) {
        super("the remote refused " + reasons.size() + " messages");
        this.settled = settled;
        this.reasons = Map.copyOf(reasons);
    }

    /** One refused message; those before it are acknowledged, those after it were not taken. */
    public static RefusedException at(int place, String reason) {
        return new RefusedException(place + 1, Map.of(place, reason));
    }

    public int settled() {
        return settled;
    }

    public Map<Integer, String> reasons() {
        return reasons;
    }
}
