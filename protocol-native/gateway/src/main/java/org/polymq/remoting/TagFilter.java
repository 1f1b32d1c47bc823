/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.remoting.wire.body.SubscriptionData;

/** Lets messages through by the hash of their tag; the client compares the tag itself again. Immutable. */
final class TagFilter {
    static final TagFilter ALL = new TagFilter(new int[0]);

    private final int[] hashes;

    private TagFilter(int[] hashes) {
        this.hashes = hashes;
    }

    static TagFilter of(SubscriptionData subscription) {
        return subscription.wantsAll()
                ? ALL
                : new TagFilter(subscription.tagHashes().stream()
                        .mapToInt(Integer::intValue)
                        .toArray());
    }

    boolean wants(int tagHash) {
        if (hashes.length == 0) {
            return true;
        }
        for (int hash : hashes) {
            if (hash == tagHash) {
                return true;
            }
        }
        return false;
    }
}
