/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.config.Durations;

/** How times and durations are written in the API: ISO 8601 in UTC, and {@code 72h} as in the configuration. */
final class Texts {
    private Texts() {}

    static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    /** A duration as the configuration writes it; the word instead of 0. */
    static String duration(long millis, String zero) {
        return millis == 0 ? zero : Durations.toString(Duration.ofMillis(millis));
    }

    /** Reads a duration; {@code default} is 0. */
    static long millis(@Nullable String text, long otherwise) {
        if (text == null) {
            return otherwise;
        }
        if (text.equals("default")) {
            return 0;
        }
        try {
            return Durations.parse(text).toMillis();
        } catch (IllegalArgumentException e) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "'" + text + "' is no duration such as 90s, 72h or 7d: " + e.getMessage(),
                    e);
        }
    }

    /** A time in ISO 8601 or in ms since the epoch, to ms since the epoch. */
    static long instant(String text) {
        try {
            return text.chars().allMatch(Character::isDigit)
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "'" + text + "' is no time such as 2026-01-31T12:00:00Z", e);
        }
    }

    /** With two digits behind the point. */
    static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
