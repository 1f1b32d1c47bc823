/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.charset.StandardCharsets;

/** MQTT's UTF-8 strings: MQTT 5, 1.5.4; MQTT 3.1.1, 1.5.3. */
final class Utf8 {
    private Utf8() {}

    /**
     * A name: topic, filter, client id, user name. Control characters are refused, as 1.5.4 allows: nobody who greps a
     * log wants them.
     */
    static String name(byte[] bytes, int from, int length, ReasonCode reason) {
        return decode(bytes, from, length, reason, false);
    }

    /** Free text: user properties, content type, reason string. Only what MUST be refused is. */
    static String text(byte[] bytes, int from, int length) {
        return decode(bytes, from, length, ReasonCode.MALFORMED_PACKET, true);
    }

    private static String decode(byte[] bytes, int from, int length, ReasonCode reason, boolean controls) {
        int end = from + length;
        for (int at = from; at < end; at++) {
            byte b = bytes[at];
            if (b < 0x20 || b == 0x7F) { // also every byte above 0x7F, which is negative
                check(bytes, at, end, reason, controls);
                return new String(bytes, from, length, StandardCharsets.UTF_8);
            }
        }
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    private static void check(byte[] bytes, int from, int end, ReasonCode reason, boolean controls) {
        int at = from;
        while (at < end) {
            int lead = bytes[at++] & 0xFF;
            if (lead < 0x80) {
                checkCodePoint(lead, reason, controls);
                continue;
            }
            int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
            if (lead < 0xC2 || lead > 0xF4 || at + more > end) {
                throw new PacketException(reason, "a string is not UTF-8");
            }
            int codePoint = lead & (0x3F >> more);
            for (int i = 0; i < more; i++) {
                int next = bytes[at++];
                if ((next & 0xC0) != 0x80) {
                    throw new PacketException(reason, "a string is not UTF-8");
                }
                codePoint = (codePoint << 6) | (next & 0x3F);
            }
            boolean overlong = (more == 2 && codePoint < 0x800) || (more == 3 && codePoint < 0x10000);
            if (overlong || codePoint > 0x10FFFF || (codePoint >= 0xD800 && codePoint <= 0xDFFF)) {
                throw new PacketException(reason, "a string is not UTF-8");
            }
            checkCodePoint(codePoint, reason, controls);
        }
    }

    private static void checkCodePoint(int codePoint, ReasonCode reason, boolean controls) {
        if (codePoint == 0) {
            throw new PacketException(reason, "a string holds U+0000");
        }
        boolean control = codePoint < 0x20 || (codePoint >= 0x7F && codePoint <= 0x9F);
        boolean nonCharacter = (codePoint & 0xFFFE) == 0xFFFE || (codePoint >= 0xFDD0 && codePoint <= 0xFDEF);
        if (!controls && (control || nonCharacter)) {
            throw new PacketException(reason, String.format("a name holds the control character U+%04X", codePoint));
        }
    }
}
