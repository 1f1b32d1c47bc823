/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A list of numbers that grows without being copied. */
final class Longs {
    private static final int CHUNK = 8192;

    private final List<long[]> full = new ArrayList<>();
    private long[] last = new long[64];
    private int used;

    void add(long number) {
        if (used == last.length) {
            full.add(last);
            last = new long[Math.min(CHUNK, last.length * 2)];
            used = 0;
        }
        last[used++] = number;
    }

    void write(DataOutput out) throws IOException {
        for (long[] chunk : full) {
            write(out, chunk, chunk.length);
        }
        write(out, last, used);
    }

    private static void write(DataOutput out, long[] numbers, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES);
        bytes.asLongBuffer().put(numbers, 0, count);
        out.write(bytes.array());
    }
}
