/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The segments kept, in order. Changed under the append lock; reads wait for nobody. */
final class Segments {
    private volatile Segment[] all = new Segment[0];

    void add(Segment segment) {
        Segment[] next = Arrays.copyOf(all, all.length + 1);
        next[all.length] = segment;
        all = next;
    }

    void remove(Segment segment) {
        all = Stream.of(all).filter(each -> each != segment).toArray(Segment[]::new);
    }

    /** A stable view, oldest first. */
    List<Segment> list() {
        return List.of(all);
    }

    /** The same without a copy; not to be changed. */
    Segment[] array() {
        return all;
    }

    @Nullable
    Segment byPosition(long position) {
        Segment[] now = all;
        int low = 0;
        int high = now.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (now[middle].start() <= position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? null : now[high];
    }

    @Nullable
    Segment byNumber(long number) {
        Segment[] now = all;
        int low = 0;
        int high = now.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = now[middle].number();
            if (found == number) {
                return now[middle];
            } else if (found < number) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    long start() {
        Segment[] now = all;
        return now.length == 0 ? 0 : now[0].start();
    }

    long end() {
        Segment[] now = all;
        return now.length == 0 ? 0 : now[now.length - 1].end();
    }

    /** Forgets all, then lets go of their mappings. */
    void close() {
        Segment[] last = all;
        all = new Segment[0];
        for (Segment segment : last) {
            segment.close();
        }
    }
}
