/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.message.StoredMessage;

/**
 * How a consumer consumes.
 *
 * @param lane where its listener is called
 * @param exclusive whether it must be the subscription's only consumer
 * @param wanted which messages it gets; the others count as done for the whole subscription ({@code noLocal}, the
 *     selector of a subscription to a topic); null for all
 * @param filter its selector: what does not match is left to other consumers; null for none
 * @param limited whether its subscription's {@link RedeliveryPolicy} holds for what it hands back
 */
public record ConsumerOptions(
        Lane lane,
        boolean exclusive,
        @Nullable Predicate<StoredMessage> wanted,
        @Nullable Filter filter,
        boolean limited) {
    public static ConsumerOptions shared(Lane lane) {
        return new ConsumerOptions(lane, false, null, null, false);
    }

    public static ConsumerOptions exclusive(Lane lane) {
        return new ConsumerOptions(lane, true, null, null, false);
    }

    /** One of several that compete for the messages that their selectors match. */
    public static ConsumerOptions selecting(Lane lane, @Nullable Filter filter) {
        return new ConsumerOptions(lane, false, null, filter, false);
    }

    /** The same for the messages that a predicate accepts. */
    public ConsumerOptions only(@Nullable Predicate<StoredMessage> accepted) {
        return new ConsumerOptions(lane, exclusive, accepted, filter, limited);
    }

    /** The same under its subscription's redelivery policy. */
    public ConsumerOptions withRedeliveryPolicy() {
        return new ConsumerOptions(lane, exclusive, wanted, filter, true);
    }
}
