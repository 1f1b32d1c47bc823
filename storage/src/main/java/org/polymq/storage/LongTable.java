/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of things that know their number. One writer at a time; readers wait for nobody and see a thing whole
 * once it is put. Costs about eight bytes for each.
 */
final class LongTable<T extends LongTable.Numbered> {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Numbered[].class);
    private static final Numbered REMOVED = () -> 0;

    private volatile @Nullable Numbered[] slots = new Numbered[16];
    private volatile int published;
    private int size;
    private int used;

    /** Has a number of its own. */
    interface Numbered {
        long number();
    }

    @SuppressWarnings("unchecked") // only put() fills slots, and with nothing else
    @Nullable
    T get(long number) {
        @Nullable Numbered[] now = slots;
        int mask = now.length - 1;
        for (int i = hash(number) & mask; ; i = (i + 1) & mask) {
            Numbered found = (Numbered) SLOT.getAcquire(now, i);
            if (found == null) {
                return null;
            }
            if (found != REMOVED && found.number() == number) {
                return (T) found;
            }
        }
    }

    /** Adds one that is not there. */
    void put(T added) {
        if (used >= slots.length >> 1) {
            rehash();
        }
        insert(slots, added);
        used++;
        published = ++size;
    }

    private static void insert(@Nullable Numbered[] into, Numbered added) {
        int mask = into.length - 1;
        int i = hash(added.number()) & mask;
        while (into[i] != null) {
            i = (i + 1) & mask;
        }
        SLOT.setRelease(into, i, added);
    }

    private void rehash() {
        int capacity = 16;
        while (capacity < (size + 1) * 3) {
            capacity <<= 1;
        }
        @Nullable Numbered[] next = new Numbered[capacity];
        for (Numbered each : slots) {
            if (each != null && each != REMOVED) {
                insert(next, each);
            }
        }
        used = size;
        slots = next;
    }

    void remove(long number) {
        @Nullable Numbered[] now = slots;
        int mask = now.length - 1;
        for (int i = hash(number) & mask; ; i = (i + 1) & mask) {
            Numbered found = now[i];
            if (found == null) {
                return;
            }
            if (found != REMOVED && found.number() == number) {
                SLOT.setRelease(now, i, REMOVED);
                published = --size;
                return;
            }
        }
    }

    int size() {
        return published;
    }

    @SuppressWarnings("unchecked") // only put() fills slots, and with nothing else
    void forEach(Consumer<? super T> consumer) {
        @Nullable Numbered[] now = slots;
        for (int i = 0; i < now.length; i++) {
            Numbered each = (Numbered) SLOT.getAcquire(now, i);
            if (each != null && each != REMOVED) {
                consumer.accept((T) each);
            }
        }
    }

    private static int hash(long number) {
        long h = number * 0x9e3779b97f4a7c15L;
        return (int) (h ^ (h >>> 32));
    }
}
