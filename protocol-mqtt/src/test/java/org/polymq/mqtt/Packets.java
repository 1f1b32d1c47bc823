/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;

/** Client packets in hexadecimal digits, their lengths counted. {@code v5} packets carry their properties' digits. */
final class Packets {
    static final String PING = "c000";
    static final String PONG = "d000";
    static final String DISCONNECT = "e000";

    private Packets() {}

    /** A packet of these first byte and body digits; spaces do not count. */
    static String packet(String first, String... body) {
        String whole = String.join("", body).replace(" ", "");
        return first + varInt(whole.length() / 2) + whole;
    }

    static String varInt(int value) {
        StringBuilder digits = new StringBuilder();
        int rest = value;
        do {
            int next = rest & 0x7F;
            rest >>>= 7;
            digits.append(HexFormat.of().toHexDigits((byte) (rest > 0 ? next | 0x80 : next)));
        } while (rest > 0);
        return digits.toString();
    }

    static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    /** A text with its length before it. */
    static String text(String text) {
        return u16(text.getBytes(UTF_8).length) + hex(text);
    }

    static String u8(int value) {
        return HexFormat.of().toHexDigits((byte) value);
    }

    static String u16(int value) {
        return HexFormat.of().toHexDigits((short) value);
    }

    static String u32(long value) {
        return HexFormat.of().toHexDigits((int) value);
    }

    /** Properties with their length before them. */
    static String properties(String... properties) {
        String whole = String.join("", properties).replace(" ", "");
        return varInt(whole.length() / 2) + whole;
    }

    static String connect311(String clientId, boolean clean) {
        return packet("10", text("MQTT"), "04", clean ? "02" : "00", "003c", text(clientId));
    }

    static String connect5(String clientId, boolean clean, String... properties) {
        return packet("10", text("MQTT"), "05", clean ? "02" : "00", "003c", properties(properties), text(clientId));
    }

    static String sessionExpiry(long seconds) {
        return "11" + u32(seconds);
    }

    static String subscribe311(int packetId, String filter, int qos) {
        return packet("82", u16(packetId), text(filter), u8(qos));
    }

    static String subscribe5(int packetId, String filter, int options, String... properties) {
        return packet("82", u16(packetId), properties(properties), text(filter), u8(options));
    }

    static String unsubscribe311(int packetId, String filter) {
        return packet("a2", u16(packetId), text(filter));
    }

    static String unsubscribe5(int packetId, String filter) {
        return packet("a2", u16(packetId), "00", text(filter));
    }

    /** PUBLISH of 3.1.1; {@code flags} as in its first byte: 8 DUP, 4 and 2 QoS, 1 RETAIN. */
    static String publish311(int flags, String topic, int packetId, String payload) {
        return packet(u8(0x30 | flags), text(topic), (flags & 6) == 0 ? "" : u16(packetId), hex(payload));
    }

    static String publish5(int flags, String topic, int packetId, String payload, String... properties) {
        return packet(
                u8(0x30 | flags),
                text(topic),
                (flags & 6) == 0 ? "" : u16(packetId),
                properties(properties),
                hex(payload));
    }

    static String ack(String first, int packetId) {
        return first + "02" + u16(packetId);
    }

    static String ack(String first, int packetId, int reason) {
        return first + "03" + u16(packetId) + u8(reason);
    }

    static String puback(int packetId) {
        return ack("40", packetId);
    }

    static String pubrec(int packetId) {
        return ack("50", packetId);
    }

    static String pubrel(int packetId) {
        return ack("62", packetId);
    }

    static String pubcomp(int packetId) {
        return ack("70", packetId);
    }
}
