/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import java.util.Comparator;
import java.util.Optional;
import org.polymq.storage.GroupLog;

/**
 * How far a node's log goes, in the order in which the engine compares logs: the last entry's term, then its index. Of
 * all logs of a group the greatest has everything that was ever committed and is still there.
 */
record LogEnd(long term, long index) implements Comparable<LogEnd> {
    private static final Comparator<LogEnd> ORDER =
            Comparator.comparingLong(LogEnd::term).thenComparingLong(LogEnd::index);
    private static final String PREFIX = "log ends at ";

    static LogEnd of(GroupLog log) {
        long index = log.lastIndex();
        return new LogEnd(log.term(index), index);
    }

    /** Reads what {@link #toText} wrote; empty if it is something else, such as another version's words. */
    static Optional<LogEnd> of(String text) {
        if (!text.matches(PREFIX + "\\d{1,18} \\d{1,18}")) {
            return Optional.empty();
        }
        String[] numbers = text.substring(PREFIX.length()).split(" ", -1);
        return Optional.of(new LogEnd(Long.parseLong(numbers[0]), Long.parseLong(numbers[1])));
    }

    String toText() {
        return PREFIX + term + " " + index;
    }

    @Override
    public int compareTo(LogEnd other) {
        return ORDER.compare(this, other);
    }
}
