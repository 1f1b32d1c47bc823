/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** A file's bytes: as programs see them, as they are on the platter, and the changes between the two. */
final class SimulatedFile {
    static final int SECTOR = 512;

    private byte[] bytes = new byte[0];
    private int size;
    private byte[] stored = new byte[0];
    private int storedSize;
    private final List<Change> unforced = new ArrayList<>();
    private final BitSet sectors = new BitSet();

    /** Bytes written at an offset, or a new size if there are none. */
    private static final class Change {
        private final int at;
        private final byte[] written;

        Change(int at, byte[] written) {
            this.at = at;
            this.written = written;
        }

        int at() {
            return at;
        }

        byte[] written() {
            return written;
        }
    }

    int size() {
        return size;
    }

    /** Sectors that hold data. */
    int sectors() {
        return sectors.cardinality();
    }

    /** Sectors that a write would take in addition. */
    int sectorsFor(int at, int length) {
        int taken = 0;
        for (int sector = at / SECTOR; sector * SECTOR < at + length; sector++) {
            taken += sectors.get(sector) ? 0 : 1;
        }
        return taken;
    }

    void write(byte[] written, int at) {
        if (written.length == 0) {
            return;
        }
        unforced.add(new Change(at, written));
        bytes = apply(bytes, at, written);
        size = Math.max(size, at + written.length);
        sectors.set(at / SECTOR, (at + written.length - 1) / SECTOR + 1);
    }

    void setSize(int wanted) {
        unforced.add(new Change(wanted, new byte[0]));
        bytes = resize(bytes, size, wanted);
        size = wanted;
        sectors.clear((wanted + SECTOR - 1) / SECTOR, Integer.MAX_VALUE);
    }

    private static byte[] apply(byte[] to, int at, byte[] written) {
        byte[] target = to.length < at + written.length ? Arrays.copyOf(to, at + written.length) : to;
        System.arraycopy(written, 0, target, at, written.length);
        return target;
    }

    /** Keeps the array if it is large enough, since mappings show it. */
    private static byte[] resize(byte[] from, int before, int wanted) {
        if (wanted < before) {
            Arrays.fill(from, wanted, before, (byte) 0);
        }
        return wanted > from.length ? Arrays.copyOf(from, wanted) : from;
    }

    void read(ByteBuffer into, long position) {
        int count = (int) Math.max(0, Math.min(into.remaining(), size - position));
        into.put(bytes, (int) Math.min(position, size), count);
    }

    ByteBuffer map(int length) {
        return ByteBuffer.wrap(bytes, 0, length).slice().asReadOnlyBuffer();
    }

    void force() {
        for (Change change : unforced) {
            store(change.at(), change.written());
        }
        unforced.clear();
    }

    /** After a failed force the system takes the changes for written, though they are not. */
    void loseUnforced() {
        unforced.clear();
    }

    private void store(int at, byte[] written) {
        if (written.length == 0) {
            stored = resize(stored, storedSize, at);
            storedSize = at;
        } else {
            stored = apply(stored, at, written);
            storedSize = Math.max(storedSize, at + written.length);
        }
    }

    /** The power is cut: each change since the last force is on the platter, or not, or a part of it is. */
    void cutPower(Random random) {
        int kept = random.nextInt(4);
        for (Change change : unforced) {
            boolean keep = kept == 0 || (kept > 1 && random.nextBoolean());
            if (!keep) {
                continue;
            }
            if (change.written().length > 0 && kept == 3 && random.nextInt(3) == 0) {
                tear(change, random);
            } else {
                store(change.at(), change.written());
            }
        }
        unforced.clear();
        bytes = Arrays.copyOf(stored, Math.max(stored.length, storedSize));
        size = storedSize;
        sectors.clear();
        for (int sector = 0; sector * SECTOR < size; sector++) {
            sectors.set(sector, !isZero(sector));
        }
    }

    private boolean isZero(int sector) {
        for (int i = sector * SECTOR; i < Math.min(size, (sector + 1) * SECTOR); i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Stores some of the sectors of a write, or the beginning of it. */
    private void tear(Change change, Random random) {
        byte[] written = change.written();
        if (random.nextBoolean()) {
            store(change.at(), Arrays.copyOf(written, 1 + random.nextInt(written.length)));
            return;
        }
        int from = 0;
        while (from < written.length) {
            int to = Math.min(written.length, ((change.at() + from) / SECTOR + 1) * SECTOR - change.at());
            if (random.nextBoolean()) {
                store(change.at() + from, Arrays.copyOfRange(written, from, to));
            }
            from = to;
        }
    }

    /** Changes a byte everywhere, as bad hardware does. */
    void damage(int at, int xor) {
        bytes[at] ^= (byte) xor;
        if (at < storedSize) {
            stored[at] ^= (byte) xor;
        }
    }

    /** Cuts bytes off everywhere. */
    void truncate(int wanted) {
        setSize(wanted);
        force();
    }
}
