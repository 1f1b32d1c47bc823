/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The named string fields of a frame's header, in order. A name given twice keeps its last value.
 *
 * <p>A header has a handful of fields, so a linear search beats a hash map. Confined to one thread while it is filled.
 */
public final class ExtFields {
    private static final ExtFields NONE = new ExtFields(0);

    private String[] pairs;
    private int size;

    public ExtFields() {
        this(8);
    }

    ExtFields(int expected) {
        pairs = new String[2 * expected];
    }

    /** No fields; cannot be added to. */
    public static ExtFields none() {
        return NONE;
    }

    /** Sets a field; returns this. */
    public ExtFields with(String name, String value) {
        for (int i = 0; i < size; i += 2) {
            if (pairs[i].equals(name)) {
                pairs[i + 1] = value;
                return this;
            }
        }
        if (size == pairs.length) {
            if (size == 0) {
                throw new UnsupportedOperationException("ExtFields.none() cannot be changed");
            }
            pairs = Arrays.copyOf(pairs, 2 * size);
        }
        pairs[size++] = name;
        pairs[size++] = value;
        return this;
    }

    public ExtFields with(String name, long value) {
        return with(name, Long.toString(value));
    }

    public ExtFields with(String name, boolean value) {
        return with(name, Boolean.toString(value));
    }

    /** The value, or null where the peer sent none. */
    public @Nullable String get(String name) {
        for (int i = 0; i < size; i += 2) {
            if (pairs[i].equals(name)) {
                return pairs[i + 1];
            }
        }
        return null;
    }

    /** Gives each name with its value, in order. */
    public void forEach(BiConsumer<String, String> each) {
        for (int i = 0; i < size; i += 2) {
            each.accept(pairs[i], pairs[i + 1]);
        }
    }

    public int count() {
        return size / 2;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    String name(int index) {
        return pairs[2 * index];
    }

    String value(int index) {
        return pairs[2 * index + 1];
    }

    // ---- strict reading: what is missing or makes no sense is the caller's error

    /** The value of a required field. */
    public String string(String name) {
        String value = get(name);
        if (value == null) {
            throw missing(name);
        }
        return value;
    }

    /** The value of an optional field. */
    public String string(String name, String otherwise) {
        String value = get(name);
        return value == null ? otherwise : value;
    }

    public int integer(String name) {
        return integer(name, string(name));
    }

    public int integer(String name, int otherwise) {
        String value = get(name);
        return value == null ? otherwise : integer(name, value);
    }

    public long number(String name) {
        return number(name, string(name));
    }

    public long number(String name, long otherwise) {
        String value = get(name);
        return value == null ? otherwise : number(name, value);
    }

    /** {@code true} or {@code false} in any case. */
    public boolean flag(String name, boolean otherwise) {
        String value = get(name);
        if (value == null) {
            return otherwise;
        }
        if (value.equalsIgnoreCase("true")) {
            return true;
        }
        if (value.equalsIgnoreCase("false")) {
            return false;
        }
        throw BadRequestException.field("the custom field <" + name + "> is neither true nor false: " + cut(value));
    }

    private static int integer(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw notANumber(name, value);
        }
    }

    private static long number(String name, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw notANumber(name, value);
        }
    }

    private static BadRequestException missing(String name) {
        return BadRequestException.field("the custom field <" + name + "> is null");
    }

    private static BadRequestException notANumber(String name, String value) {
        return BadRequestException.field("the custom field <" + name + "> is no number in range: " + cut(value));
    }

    private static String cut(String value) {
        return value.length() <= 64 ? value : value.substring(0, 64) + "...";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ExtFields that && Arrays.equals(pairs, 0, size, that.pairs, 0, that.size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < size; i++) {
            hash = 31 * hash + pairs[i].hashCode();
        }
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size; i += 2) {
            text.append(i == 0 ? "" : ", ").append(pairs[i]).append('=').append(pairs[i + 1]);
        }
        return text.append('}').toString();
    }
}
