/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.retained;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.disk.Cursor;
import org.polymq.broker.disk.Keys;
import org.polymq.broker.retained.RetainedView.Retained;

/**
 * Finds the retained names that one filter matches, in the order of their keys: it jumps over what cannot match. Used
 * once, by one thread.
 */
final class RetainedSearch {
    private final Cursor cursor;
    private final String[] filter;
    /** What is found comes after this key; null for the beginning. */
    private final byte @Nullable [] after;

    private final int limit;
    private final List<Retained> found = new ArrayList<>();

    RetainedSearch(Cursor cursor, String filter, @Nullable String after, int limit) {
        this.cursor = cursor;
        this.filter = filter.split("/", -1);
        this.after = after == null ? null : RetainedName.of(after).key();
        this.limit = limit;
    }

    List<Retained> run() {
        match(RetainedName.START, 0);
        return found;
    }

    /** {@code before} ends where the level of this depth begins. */
    private void match(RetainedName before, int depth) {
        String level = filter[depth];
        if (level.equals("#")) {
            all(before, depth);
        } else if (level.equals("+")) {
            each(before, depth);
        } else {
            inside(before.plus(level), depth);
        }
    }

    /** The level is settled: it is the last, or the search goes on below it. */
    private void inside(RetainedName name, int depth) {
        if (depth + 1 < filter.length) {
            // "a/#" matches "a" too (MQTT 5, 4.7.1.2).
            if (depth + 2 == filter.length && filter[depth + 1].equals("#")) {
                exact(name);
            }
            match(name.below(), depth + 1);
        } else {
            exact(name);
        }
    }

    private void exact(RetainedName name) {
        if (!isBehind(name.key()) && cursor.seek(name.key()) && Arrays.equals(cursor.key(), name.key())) {
            add();
        }
    }

    /** Whether an earlier search has been there. */
    private boolean isBehind(byte[] key) {
        return after != null && Arrays.compareUnsigned(key, after) <= 0;
    }

    private boolean isFull() {
        return found.size() >= limit;
    }

    private void each(RetainedName before, int depth) {
        boolean more = cursor.seek(firstLevel(before));
        while (more && !isFull() && Keys.startsWith(cursor.key(), before.key())) {
            RetainedName level = before.levelOf(cursor.key());
            if (!before.isSystemAt(level.key())) {
                inside(level, depth);
            }
            more = cursor.seek(level.afterAll());
        }
    }

    /** The level in which an earlier search ended may have more. */
    private byte[] firstLevel(RetainedName before) {
        if (after == null || !isBehind(before.key())) {
            return before.key();
        }
        return Keys.startsWith(after, before.key()) ? before.levelOf(after).key() : after;
    }

    private void all(RetainedName before, int depth) {
        boolean more = cursor.seek(after != null && isBehind(before.key()) ? after : before.key());
        if (more && after != null && Arrays.equals(cursor.key(), after)) {
            more = cursor.next();
        }
        while (more && !isFull() && Keys.startsWith(cursor.key(), before.key())) {
            if (depth > 0 || !before.isSystemAt(cursor.key())) {
                add();
            }
            more = cursor.next();
        }
    }

    private void add() {
        if (isFull()) {
            return;
        }
        found.add(new Retained(RetainedName.text(cursor.key()), Keys.number(cursor.value(), 0)));
    }
}
