/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

/** What one may be permitted to do. Stored by {@link #bit}, never by ordinal. */
public enum Action {
    /** Publish to a topic or queue. */
    PUB(1),
    /** Consume from a topic or queue, use a group or subscription, connect with a client id. */
    SUB(2),
    /** Make, change, look into and delete; for the cluster: administer everything. */
    MANAGE(4);

    private final int bit;

    Action(int bit) {
        this.bit = bit;
    }

    int bit() {
        return bit;
    }
}
