/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all the filters of a session that match a message say together: one copy, the highest QoS, every identifier.
 *
 * @param identifiers of the subscriptions that have one
 */
record Match(int qos, boolean retainAsPublished, List<Integer> identifiers) {
    Match {
        identifiers = List.copyOf(identifiers);
    }

    /** Whether it matters who published a message. */
    static boolean dependsOnPublisher(List<SubscriptionOptions> matching) {
        for (SubscriptionOptions each : matching) {
            if (each.noLocal()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Merges the filters that match.
     *
     * @param own whether the session published the message itself: then No Local filters do not count
     * @return null if none is left
     */
    static @Nullable Match of(List<SubscriptionOptions> matching, boolean own) {
        if (matching.size() == 1) {
            SubscriptionOptions only = matching.get(0);
            if (own && only.noLocal()) {
                return null;
            }
            List<Integer> identifiers = only.identifier() == 0 ? List.of() : List.of(only.identifier());
            return new Match(only.qos(), only.retainAsPublished(), identifiers);
        }
        int qos = -1;
        boolean retainAsPublished = false;
        List<Integer> identifiers = new ArrayList<>();
        for (SubscriptionOptions each : matching) {
            if (own && each.noLocal()) {
                continue;
            }
            qos = Math.max(qos, each.qos());
            retainAsPublished |= each.retainAsPublished();
            if (each.identifier() != 0 && !identifiers.contains(each.identifier())) {
                identifiers.add(each.identifier());
            }
        }
        return qos < 0 ? null : new Match(qos, retainAsPublished, identifiers);
    }
}
