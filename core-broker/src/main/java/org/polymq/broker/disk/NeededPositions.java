/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

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

    /** Whether one lies in [start, end). */
    public boolean anyIn(long start, long end) {
        try (Cursor cursor = map.cursor()) {
            return cursor.seek(Keys.of(Keys.NEEDED, start))
                    && cursor.key()[0] == Keys.NEEDED
                    && Keys.number(cursor.key(), 1) < end;
        }
    }

    public boolean contains(long position) {
        return map.get(Keys.of(Keys.NEEDED, position)) != null;
    }
}
