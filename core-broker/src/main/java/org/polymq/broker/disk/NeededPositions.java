/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.util.function.LongConsumer;

/**
 * The log positions of messages that a view in the {@link DiskMap} needs, in order: for retention. A position is needed
 * by one view at most. Changed by apply; read from any thread.
 */
public final class NeededPositions {
    private static final byte[] NOTHING = {1};

    private final DiskMap map;

    public NeededPositions(DiskMap map) {
        this.map = map;
    }

    /** Part of apply. */
    public void add(long position) {
        map.put(Keys.of(Keys.NEEDED, position), NOTHING);
    }

    /** Part of apply. */
    public void remove(long position) {
        map.removeUnique(Keys.of(Keys.NEEDED, position));
    }

    /** Tells those in [start, end), rising. */
    public void in(long start, long end, LongConsumer positions) {
        try (Cursor cursor = map.cursor()) {
            boolean more = cursor.seek(Keys.of(Keys.NEEDED, start));
            while (more && cursor.key()[0] == Keys.NEEDED && Keys.number(cursor.key(), 1) < end) {
                positions.accept(Keys.number(cursor.key(), 1));
                more = cursor.next();
            }
        }
    }

    public boolean contains(long position) {
        return map.get(Keys.of(Keys.NEEDED, position)) != null;
    }
}
