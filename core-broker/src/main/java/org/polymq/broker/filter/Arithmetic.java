/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import org.jspecify.annotations.Nullable;

/** Numbers of filters: exact ones are longs, the others doubles; mixed operands are doubles, as in Java. */
final class Arithmetic {
    private static final int LONGEST_NUMBER = 64;

    private Arithmetic() {}

    /** The value as a number; null if it is unknown or no number. */
    static @Nullable Number number(@Nullable Object value, Attributes attributes) {
        if (value instanceof Number number) {
            return number;
        }
        return value instanceof String text && attributes.looselyTyped() ? numberIn(text) : null;
    }

    /** The number that a text spells in decimal, or null. */
    static @Nullable Number numberIn(String text) {
        boolean exact = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' || c == 'e' || c == 'E') {
                exact = false;
            } else if ((c < '0' || c > '9') && c != '-' && c != '+') {
                return null;
            }
        }
        if (text.isEmpty() || text.length() > LONGEST_NUMBER) {
            return null;
        }
        try {
            // Long if it fits one, so that big numbers are compared to the last digit.
            if (exact && text.length() < 19) {
                return Long.parseLong(text);
            }
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            // Digits and signs in no order: text, and nothing else.
            return null;
        }
    }

    static boolean isExact(Number number) {
        return !(number instanceof Double || number instanceof Float);
    }

    static int compare(Number a, Number b) {
        return isExact(a) && isExact(b)
                ? Long.compare(a.longValue(), b.longValue())
                : Double.compare(a.doubleValue() + 0.0, b.doubleValue() + 0.0); // -0.0 is 0.0
    }

    static @Nullable Number calculate(Number a, char operator, Number b) {
        if (isExact(a) && isExact(b)) {
            long x = a.longValue();
            long y = b.longValue();
            return switch (operator) {
                case '+' -> x + y;
                case '-' -> x - y;
                case '*' -> x * y;
                default -> y == 0 ? null : (Number) (x / y); // nothing divided by nothing is unknown
            };
        }
        double x = a.doubleValue();
        double y = b.doubleValue();
        return switch (operator) {
            case '+' -> x + y;
            case '-' -> x - y;
            case '*' -> x * y;
            default -> x / y;
        };
    }

    static Number negate(Number number) {
        return isExact(number) ? (Number) (-number.longValue()) : (Number) (-number.doubleValue());
    }
}
