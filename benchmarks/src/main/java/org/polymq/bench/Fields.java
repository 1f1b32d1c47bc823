/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Settings or figures as words of the form {@code key=value}: how a load process is asked and how it answers.
 * Immutable.
 *
 * @param values by key, in order
 */
public record Fields(Map<String, String> values) {
    /** Copies the map; keys and values hold no blanks. */
    public Fields {
        values = new LinkedHashMap<>(values);
    }

    /** No settings at all. */
    public static Fields none() {
        return new Fields(Map.of());
    }

    /**
     * Reads words separated by blanks.
     *
     * @throws IllegalArgumentException if a word has no '='
     */
    public static Fields parse(String words) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : words.isBlank() ? new String[0] : words.strip().split("\\s+", -1)) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + word + "' is not of the form key=value");
            }
            values.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return new Fields(values);
    }

    /** These fields and one more; an earlier value of the key is replaced. */
    public Fields with(String key, Object value) {
        Map<String, String> copy = new LinkedHashMap<>(values);
        copy.put(key, String.valueOf(value));
        return new Fields(copy);
    }

    /** These fields, with those of the other in front of them where both have a key. */
    public Fields overriddenBy(Fields other) {
        Map<String, String> copy = new LinkedHashMap<>(values);
        copy.putAll(other.values);
        return new Fields(copy);
    }

    /** Whether there is a value. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The value, or the fallback where there is none. */
    public String text(String key, String fallback) {
        return values.getOrDefault(key, fallback);
    }

    /** The value as a whole number, or the fallback where there is none; '_' may separate digits. */
    public long number(String key, long fallback) {
        String value = values.get(key);
        return value == null ? fallback : Long.parseLong(value.replace("_", ""));
    }

    /** The value as a whole number that fits an int, or the fallback. */
    public int count(String key, int fallback) {
        return Math.toIntExact(number(key, fallback));
    }

    /** The value as a decimal number, or the fallback where there is none. */
    public double decimal(String key, double fallback) {
        String value = values.get(key);
        return value == null ? fallback : Double.parseDouble(value);
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    }
}
