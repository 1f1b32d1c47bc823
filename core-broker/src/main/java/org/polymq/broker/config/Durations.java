/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.Locale;

/** Durations as people write them: {@code 72h}, {@code 200ms}, {@code 30s}, {@code 5m}, {@code 7d}, {@code 0}. */
public final class Durations {
    private Durations() {}

    /** The duration a text says; IllegalArgumentException if it says none. */
    public static Duration parse(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        int digits = 0;
        while (digits < lower.length() && Character.digit(lower.charAt(digits), 10) >= 0) {
            digits++;
        }
        if (digits == 0 || digits > 12) {
            throw new IllegalArgumentException("no duration: " + text);
        }
        long count = Long.parseLong(lower.substring(0, digits));
        return switch (lower.substring(digits).strip()) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            default -> {
                if (lower.equals("0")) {
                    yield Duration.ZERO;
                }
                throw new IllegalArgumentException("no duration: " + text);
            }
        };
    }

    /** As {@link #parse} reads it, in hours at most. */
    public static String toString(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return "0s";
        }
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
