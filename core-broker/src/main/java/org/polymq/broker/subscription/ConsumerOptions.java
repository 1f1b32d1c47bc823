/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.message.StoredMessage;

/**
 * How a consumer consumes.
 *
 * @param lane where its listener is called
 * @param exclusive whether it must be the subscription's only consumer
 * @param wanted which messages it gets; the others count as done for the whole subscription ({@code noLocal}); null for
 *     all
 */
public record ConsumerOptions(
        Lane lane, boolean exclusive, @Nullable Predicate<StoredMessage> wanted) {
    public static ConsumerOptions shared(Lane lane) {
        return new ConsumerOptions(lane, false, null);
    }

    public static ConsumerOptions exclusive(Lane lane) {
        return new ConsumerOptions(lane, true, null);
    }
}
