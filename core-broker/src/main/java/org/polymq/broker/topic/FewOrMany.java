/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A set of values in as little memory as it needs: null for none, the value itself for one, an array for a few, a hash
 * set for many. Whoever keeps one replaces it by what {@link #plus} and {@link #minus} answer; readers may look at the
 * same time.
 */
final class FewOrMany {
    private static final int FEW = 16;

    private FewOrMany() {}

    private static final class Few {
        private final Object[] values;

        private Few(Object... values) {
            this.values = values;
        }

        private Object[] values() {
            return values;
        }
    }

    private record Many(Set<Object> values) {}

    static boolean contains(@Nullable Object held, Object value) {
        if (held instanceof Few few) {
            return Arrays.asList(few.values()).contains(value);
        }
        return held instanceof Many many ? many.values().contains(value) : value.equals(held);
    }

    /** With one more value, which is not there yet. */
    static Object plus(@Nullable Object held, Object value) {
        if (held == null) {
            return value;
        }
        if (held instanceof Many many) {
            many.values().add(value);
            return many;
        }
        Object[] before = held instanceof Few few ? few.values() : new Object[] {held};
        if (before.length == FEW) {
            Set<Object> values = ConcurrentHashMap.newKeySet(2 * FEW);
            values.addAll(Arrays.asList(before));
            values.add(value);
            return new Many(values);
        }
        Object[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = value;
        return new Few(after);
    }

    /** Without a value that is there. */
    static @Nullable Object minus(@Nullable Object held, Object value) {
        if (held instanceof Many many) {
            many.values().remove(value);
            return many.values().isEmpty() ? null : many;
        }
        if (!(held instanceof Few few)) {
            return null;
        }
        Object[] after =
                Arrays.stream(few.values()).filter(each -> !each.equals(value)).toArray();
        return after.length == 1 ? after[0] : new Few(after);
    }

    @SuppressWarnings("unchecked") // one keeper holds values of one type
    static <V> void forEach(@Nullable Object held, Consumer<V> visitor) {
        if (held instanceof Few few) {
            for (Object each : few.values()) {
                visitor.accept((V) each);
            }
        } else if (held instanceof Many many) {
            many.values().forEach(each -> visitor.accept((V) each));
        } else if (held != null) {
            visitor.accept((V) held);
        }
    }
}
