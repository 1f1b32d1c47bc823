/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.message.StoredMessage;
import org.polymq.remoting.wire.body.SubscriptionData;

/**
 * What a native consumer wants of a topic: all, messages of some tags (by their hash: the client compares the tag
 * itself again), or what an SQL92 expression is true for. Immutable.
 */
final class NativeFilter {
    static final NativeFilter ALL = new NativeFilter(new int[0], null);

    private final int[] tagHashes;
    private final @Nullable Filter condition;

    private NativeFilter(int[] tagHashes, @Nullable Filter condition) {
        this.tagHashes = tagHashes;
        this.condition = condition;
    }

    /** Of a subscription by tags. */
    static NativeFilter ofTags(SubscriptionData subscription) {
        return subscription.wantsAll()
                ? ALL
                : new NativeFilter(
                        subscription.tagHashes().stream()
                                .mapToInt(Integer::intValue)
                                .toArray(),
                        null);
    }

    static NativeFilter of(Filter condition) {
        return new NativeFilter(new int[0], condition);
    }

    /** Whether {@link #wants(StoredMessage)} has to be asked too. */
    boolean readsMessages() {
        return condition != null;
    }

    boolean wants(int tagHash) {
        if (tagHashes.length == 0) {
            return true;
        }
        for (int hash : tagHashes) {
            if (hash == tagHash) {
                return true;
            }
        }
        return false;
    }

    boolean wants(StoredMessage message) {
        return wants(message.tagHash()) && (condition == null || condition.matches(message));
    }
}
