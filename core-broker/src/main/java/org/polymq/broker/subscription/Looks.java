/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.filter.MessageAttributes;

/**
 * Messages that selectors looked at lately, decoded, so that a hundred selectors behind one another read each once.
 * Holds more than one piece of a {@link Search} looks at. Guarded by the monitor of whoever searches.
 */
final class Looks {
    private static final int MOST = 2 * Search.LOOKS;
    private static final int MOST_BYTES = 2 * Search.BYTES;

    private final Map<Long, Look> looks = new HashMap<>();
    private final Queue<Look> oldestFirst = new ArrayDeque<>();
    private int bytes;

    /**
     * @param position in the log
     * @param size of the record, in bytes
     */
    record Look(long position, MessageAttributes attributes, int size) {}

    @Nullable
    Look get(long position) {
        return looks.get(position);
    }

    void add(Look look) {
        looks.put(look.position(), look);
        oldestFirst.add(look);
        bytes += look.size();
        while (looks.size() > MOST || (bytes > MOST_BYTES && looks.size() > 1)) {
            Look oldest = oldestFirst.remove();
            looks.remove(oldest.position());
            bytes -= oldest.size();
        }
    }

    /** Nobody is behind any more. */
    void clear() {
        looks.clear();
        oldestFirst.clear();
        bytes = 0;
    }
}
