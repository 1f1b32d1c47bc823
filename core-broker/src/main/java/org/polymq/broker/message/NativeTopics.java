/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.charset.StandardCharsets;

/**
 * Writes a first level with the characters that RocketMQ allows in a topic. Bytes of UTF-8 outside them are codes
 * {@code %XX}; the empty level is {@code %00}; a {@code %} is {@code %25} only where it would otherwise start a code.
 * What {@link #encode} would not have written is no code, so that every native name stands for exactly one level.
 *
 * <p>The prefixes {@code %RETRY%} and {@code %DLQ%} stand for themselves, whatever group name follows them.
 */
final class NativeTopics {
    private static final String EMPTY = "%00";
    private static final String[] SYSTEM_PREFIXES = {"%RETRY%", "%DLQ%"};
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private NativeTopics() {}

    static boolean isPlain(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '-'
                || c == '|';
    }

    /** The length of the system prefix that a name, in either form, starts with; 0 if none. */
    static int systemPrefix(String name) {
        for (String prefix : SYSTEM_PREFIXES) {
            if (name.startsWith(prefix)) {
                return prefix.length();
            }
        }
        return 0;
    }

    static String encode(String level) {
        if (level.isEmpty()) {
            return EMPTY;
        }
        if (level.chars().allMatch(NativeTopics::isPlain)) {
            return level;
        }
        int prefix = systemPrefix(level);
        if (prefix > 0) {
            return level.substring(0, prefix) + escape(level.substring(prefix), false);
        }
        String escaped = escape(level, true);
        return looksLikeSystem(escaped) ? "%25" + escaped.substring(1) : escaped;
    }

    static String decode(String topic) {
        if (topic.indexOf('%') < 0) {
            return topic;
        }
        if (topic.equals(EMPTY)) {
            return "";
        }
        int prefix = systemPrefix(topic);
        if (prefix > 0) {
            return topic.substring(0, prefix) + unescape(topic.substring(prefix), false);
        }
        return unescape(looksLikeSystem(topic) ? '%' + topic.substring(3) : topic, true);
    }

    // "%DLQ=x" would be %DLQ%3Dx, which is the dead-letter queue of group 3Dx: it gets one more 25 after its first %,
    // and so does what already has some.
    private static boolean looksLikeSystem(String text) {
        int at = 0;
        while (text.startsWith("25", at + 1)) {
            at += 2;
        }
        for (String prefix : SYSTEM_PREFIXES) {
            if (text.charAt(0) == '%' && text.startsWith(prefix.substring(1), at + 1)) {
                byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
                int last = at + prefix.length() - 1;
                return codeLength(bytes, last, false) > 0 && !isPercent(bytes, last);
            }
        }
        return false;
    }

    // From the end: whether a % starts a code depends on what is written after it.
    private static String escape(String text, boolean whole) {
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[3 * in.length];
        int start = out.length;
        for (int i = in.length - 1; i >= 0; i--) {
            int b = in[i] & 0xFF;
            if (isPlain(b)) {
                out[--start] = (byte) b;
            } else if (b == '%') {
                out[--start] = '%';
                if (codeLength(out, start, whole && i == 0) > 0) {
                    out[start] = '5';
                    out[--start] = '2';
                    out[--start] = '%';
                }
            } else {
                out[--start] = HEX[b & 15];
                out[--start] = HEX[b >>> 4];
                out[--start] = '%';
            }
        }
        return new String(out, start, out.length - start, StandardCharsets.US_ASCII);
    }

    private static String unescape(String text, boolean whole) {
        byte[] in = text.getBytes(StandardCharsets.US_ASCII);
        byte[] out = new byte[in.length];
        int length = 0;
        int i = 0;
        while (i < in.length) {
            int code = in[i] == '%' ? codeLength(in, i, whole && i == 0) : 0;
            if (code == 0) {
                out[length++] = in[i++];
            } else if (isPercent(in, i)) {
                out[length++] = '%';
                i += 3;
            } else {
                for (int end = i + code; i < end; i += 3) {
                    out[length++] = (byte) byteAfter(in, i);
                }
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }

    /**
     * How many characters of a code start at the % at {@code i}: 3 for each byte of one character, 0 if none does.
     *
     * @param whole whether {@code i} is where a whole level starts
     */
    private static int codeLength(byte[] text, int i, boolean whole) {
        // %25 is a code where the % it stands for would start one with what follows.
        int at = i;
        while (isPercent(text, at)) {
            at += 2;
        }
        int length = whole && at + 3 == text.length && byteAfter(text, at) == 0 ? 3 : characterLength(text, at);
        return length > 0 && at > i ? 3 : length;
    }

    private static boolean isPercent(byte[] text, int i) {
        return i + 2 < text.length && text[i + 1] == '2' && text[i + 2] == '5';
    }

    // The length of the codes of one character outside the plain ones that a topic name may hold. The character at i is
    // taken for a %.
    private static int characterLength(byte[] text, int i) {
        int first = byteAfter(text, i);
        if (first < 0x80) {
            boolean refused = first <= 0 || first == '/' || first == '+' || first == '#';
            return refused || isPlain(first) || first == '%' ? 0 : 3;
        }
        int bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        int character = first & (0xFF >> (bytes + 1));
        for (int n = 1; n < bytes; n++) {
            int at = i + 3 * n;
            int next = at < text.length && text[at] == '%' ? byteAfter(text, at) : -1;
            if (next < 0x80 || next > 0xBF) {
                return 0;
            }
            character = (character << 6) | (next & 0x3F);
        }
        boolean shortest = character >= (bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000);
        boolean surrogate = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
        return shortest && !surrogate && character <= Character.MAX_CODE_POINT ? 3 * bytes : 0;
    }

    // The byte that the two upper-case digits after i are, or -1.
    private static int byteAfter(byte[] text, int i) {
        if (i + 2 >= text.length) {
            return -1;
        }
        int high = digit(text[i + 1]);
        int low = digit(text[i + 2]);
        return high < 0 || low < 0 ? -1 : (high << 4) | low;
    }

    private static int digit(byte c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }
}
