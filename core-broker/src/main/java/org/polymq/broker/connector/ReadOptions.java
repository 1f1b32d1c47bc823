/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What a {@link TopicReader} reads.
 *
 * @param topics the topics' names (first levels, or queues) as they are now; asked again and again, so that topics may
 *     come later
 * @param mine which of their queues, so that several tasks can share them
 * @param fromEnd whether a queue without a position begins at its end rather than at its oldest message
 */
public record ReadOptions(Supplier<List<String>> topics, Predicate<TopicQueue> mine, boolean fromEnd) {
    /** All queues of these topics from their oldest message on. */
    public static ReadOptions all(List<String> topics) {
        List<String> names = List.copyOf(topics);
        return new ReadOptions(() -> names, queue -> true, false);
    }
}
