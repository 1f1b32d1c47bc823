/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.util.Locale;

/**
 * A number of bytes. Written {@code 128MB}, {@code 64KB}, {@code 1GB} or {@code 512}; a kilobyte is 1,024 bytes.
 *
 * @param bytes 0 or more
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final String[] UNITS = {"TB", "GB", "MB", "KB"};

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size of " + bytes + " bytes");
        }
    }

    public static DataSize ofKilobytes(long count) {
        return new DataSize(Math.multiplyExact(count, 1L << 10));
    }

    public static DataSize ofMegabytes(long count) {
        return new DataSize(Math.multiplyExact(count, 1L << 20));
    }

    /** The size a text says; IllegalArgumentException if it says none. */
    public static DataSize parse(String text) {
        String size = text.strip().toUpperCase(Locale.ROOT);
        long factor = 1;
        for (int i = 0; i < UNITS.length && factor == 1; i++) {
            if (size.endsWith(UNITS[i])) {
                factor = 1L << (10 * (UNITS.length - i));
                size = size.substring(0, size.length() - 2).strip();
            }
        }
        if (factor == 1 && size.endsWith("B")) {
            size = size.substring(0, size.length() - 1).strip();
        }
        if (!size.matches("\\d{1,18}")) {
            throw new IllegalArgumentException("no size: " + text);
        }
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(size), factor));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("too large a size: " + text, e);
        }
    }

    /** The bytes as an int; ArithmeticException above 2 GB. */
    public int toInt() {
        return Math.toIntExact(bytes);
    }

    @Override
    public int compareTo(DataSize that) {
        return Long.compare(bytes, that.bytes);
    }

    /** As {@link #parse} reads it, with the largest unit that leaves no fraction. */
    @Override
    public String toString() {
        for (int i = 0; i < UNITS.length; i++) {
            long unit = 1L << (10 * (UNITS.length - i));
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + UNITS[i];
            }
        }
        return bytes + "B";
    }
}
