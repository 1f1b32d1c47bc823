/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.retained;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.disk.Cursor;
import org.polymq.broker.disk.DiskMap;
import org.polymq.broker.disk.Keys;
import org.polymq.broker.disk.NeededPositions;
import org.polymq.broker.state.View;

/**
 * Where the retained message of each topic name lies in the log. Changed by apply; reads are safe from any thread and
 * see every change that completed before them.
 *
 * <p>The entries are in the disk map under their names, whose levels are set apart so that what lies below a name
 * follows it.
 */
public final class RetainedView implements View {
    /** One retained message. */
    public record Retained(String name, long position) {}

    private final DiskMap map;
    private final NeededPositions needed;
    private final AtomicInteger size = new AtomicInteger();

    public RetainedView(DiskMap map, NeededPositions needed) {
        this.map = map;
        this.needed = needed;
    }

    /** Part of apply. */
    public void set(String name, long position) {
        byte[] key = RetainedName.of(name).key();
        byte[] before = map.get(key);
        if (before == null) {
            size.incrementAndGet();
        } else {
            needed.remove(Keys.number(before, 0));
        }
        map.put(key, Keys.value(position));
        needed.add(position);
    }

    /** Part of apply. */
    public void clear(String name) {
        clear(RetainedName.of(name).key());
    }

    private void clear(byte[] key) {
        byte[] before = map.get(key);
        if (before != null) {
            needed.remove(Keys.number(before, 0));
            map.remove(key);
            size.decrementAndGet();
        }
    }

    /** Part of apply: a topic is deleted, with every name below it. */
    public void clearBelow(String firstLevel) {
        List<byte[]> gone = new ArrayList<>();
        RetainedName name = RetainedName.of(firstLevel);
        gone.add(name.key());
        byte[] below = name.below().key();
        try (Cursor cursor = map.cursor()) {
            for (boolean more = cursor.seek(below);
                    more && Keys.startsWith(cursor.key(), below);
                    more = cursor.next()) {
                gone.add(cursor.key());
            }
        }
        gone.forEach(this::clear);
    }

    public int size() {
        return size.get();
    }

    /**
     * The retained messages whose names match a filter, in the order of their names; names are collected, messages are
     * not read. System names ($) match no wildcard at their first level. May wait for the disk.
     */
    public List<Retained> matching(String filter) {
        return matching(filter, null, Integer.MAX_VALUE);
    }

    /**
     * The same for those that come after a name, and at most so many: a search that goes on where another ended.
     *
     * @param after null for the beginning
     * @param limit at least 1
     */
    public List<Retained> matching(String filter, @Nullable String after, int limit) {
        try (Cursor cursor = map.cursor()) {
            return new RetainedSearch(cursor, filter, after, limit).run();
        }
    }

    /** Whether this is where the name's retained message lies. Any thread. */
    public boolean isAt(String name, long position) {
        byte[] found = map.get(RetainedName.of(name).key());
        return found != null && Keys.number(found, 0) == position;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(size.get());
    }

    @Override
    public void load(DataInput in) throws IOException {
        size.set(in.readInt());
    }
}
