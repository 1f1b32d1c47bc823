/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.MessageFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The conversion table of Jakarta Messaging 3.1, 3.5.4 and 3.11.3: what a value may be read as. A null reads like the
 * {@code valueOf} of the type with a null argument.
 */
final class Conversions {
    private Conversions() {}

    static boolean toBoolean(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value == null || value instanceof String) {
            return Boolean.parseBoolean((String) value);
        }
        throw refused(value, "boolean");
    }

    static byte toByte(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte number) {
            return number;
        }
        if (value == null || value instanceof String) {
            return Byte.parseByte(text(value));
        }
        throw refused(value, "byte");
    }

    static short toShort(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Short || value instanceof Byte) {
            return ((Number) value).shortValue();
        }
        if (value == null || value instanceof String) {
            return Short.parseShort(text(value));
        }
        throw refused(value, "short");
    }

    static char toChar(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Character letter) {
            return letter;
        }
        if (value == null) {
            throw new NullPointerException("null has no char");
        }
        throw refused(value, "char");
    }

    static int toInt(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).intValue();
        }
        if (value == null || value instanceof String) {
            return Integer.parseInt(text(value));
        }
        throw refused(value, "int");
    }

    static long toLong(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value == null || value instanceof String) {
            return Long.parseLong(text(value));
        }
        throw refused(value, "long");
    }

    static float toFloat(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Float number) {
            return number;
        }
        if (value instanceof String digits) {
            return Float.parseFloat(digits);
        }
        if (value == null) {
            throw new NullPointerException("null has no float");
        }
        throw refused(value, "float");
    }

    static double toDouble(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Double || value instanceof Float) {
            return ((Number) value).doubleValue();
        }
        if (value instanceof String digits) {
            return Double.parseDouble(digits);
        }
        if (value == null) {
            throw new NullPointerException("null has no double");
        }
        throw refused(value, "double");
    }

    static @Nullable String toText(@Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[]) {
            throw refused(value, "String");
        }
        return value == null ? null : value.toString();
    }

    static byte @Nullable [] toBytes(@Nullable Object value) throws MessageFormatException {
        if (value == null) {
            return null;
        }
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        throw refused(value, "byte[]");
    }

    /** Whether a property or item of any message type may hold it; byte arrays only where {@code bytes}. */
    static boolean isAllowed(@Nullable Object value, boolean bytesAndChars) {
        return value == null
                || value instanceof String
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Float
                || value instanceof Double
                || (bytesAndChars && (value instanceof byte[] || value instanceof Character));
    }

    private static String text(@Nullable Object value) {
        if (value == null) {
            throw new NumberFormatException("null is no number");
        }
        return (String) value;
    }

    private static MessageFormatException refused(Object value, String type) {
        return new MessageFormatException("a " + value.getClass().getSimpleName() + " cannot be read as " + type);
    }
}
