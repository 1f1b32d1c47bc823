/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.body.SubscriptionData;

/**
 * What a consumer group wants of a topic, as its members' last heartbeats say: a pull that waits follows a change.
 * Confined to one thread at a time.
 */
final class GroupFilter implements Supplier<NativeFilter> {
    private final ConsumerGroups members;
    private final NativeFilters filters;
    private final String group;
    private SubscriptionData known;
    private NativeFilter filter;

    /** {@code known} is the group's subscription now; refused as {@link NativeFilters#of} says. */
    GroupFilter(ConsumerGroups members, NativeFilters filters, String group, SubscriptionData known) {
        this.members = members;
        this.filters = filters;
        this.group = group;
        this.known = known;
        this.filter = filters.of(known);
    }

    @Override
    public NativeFilter get() {
        @Nullable SubscriptionData latest = members.subscription(group, known.topic());
        if (latest != null && !latest.equals(known)) {
            known = latest;
            filter = filterOf(latest);
        }
        return filter;
    }

    private NativeFilter filterOf(SubscriptionData latest) {
        try {
            return filters.of(latest);
        } catch (BrokerException | BadRequestException refused) {
            return filter; // its next pull is refused with the reason
        }
    }
}
