/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Correlation data as bytes (MQTT) and as text (JMSCorrelationID, native CORRELATION_ID), such that an answer that
 * copies the text brings back the very bytes.
 *
 * <p>Bytes that are UTF-8 text are that text. Others are {@code hex:} and upper-case digits.
 */
public final class Correlation {
    private static final String HEX = "hex:";
    private static final HexFormat FORMAT = HexFormat.of().withUpperCase();

    private Correlation() {}

    /** The bytes as text for JMS. */
    public static String toText(byte[] bytes) {
        return write(bytes, true);
    }

    /** The bytes as text for a native property: without control characters. */
    public static String toNativeText(byte[] bytes) {
        return write(bytes, false);
    }

    /** The inverse of {@link #toText}. Total: {@code toText(ofText(t))} is {@code t}. */
    public static byte[] ofText(String text) {
        return read(text, true);
    }

    /** The inverse of {@link #toNativeText}. Total. */
    public static byte[] ofNativeText(String text) {
        return read(text, false);
    }

    private static String write(byte[] bytes, boolean controls) {
        String plain = decode(bytes);
        return plain != null && (controls || !hasControls(plain)) && Arrays.equals(read(plain, controls), bytes)
                ? plain
                : HEX + FORMAT.formatHex(bytes);
    }

    // Digits that write would not have written are text that happens to look like digits. Each step halves the text.
    private static byte[] read(String text, boolean controls) {
        byte[] bytes = hexOf(text);
        return bytes != null && write(bytes, controls).equals(text) ? bytes : text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] hexOf(String text) {
        if (!text.startsWith(HEX) || text.length() % 2 != 0) {
            return null;
        }
        for (int i = HEX.length(); i < text.length(); i++) {
            char c = text.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'))) {
                return null;
            }
        }
        return FORMAT.parseHex(text, HEX.length(), text.length());
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private static @Nullable String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            // Not text: the caller writes it as digits.
            return null;
        }
    }
}
