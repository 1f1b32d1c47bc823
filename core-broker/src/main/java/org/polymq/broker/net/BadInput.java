/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose bytes its protocol does not allow: one count in {@code polymq_bad_input_total}, one log
 * line. Safe from any thread.
 */
public final class BadInput {
    private static final Logger log = LoggerFactory.getLogger(BadInput.class);
    private static final int SHOWN_BYTES = 32;
    private static final int SHOWN_CHARACTERS = 300;

    private final NetMetrics metrics;

    public BadInput(MeterRegistry registry) {
        this.metrics = new NetMetrics(registry);
    }

    /**
     * Counts, logs and closes. Does nothing when the channel is closed already, so that a frame's several faults are
     * one line.
     *
     * @param protocol the protocol's name; one of few, since it becomes a label of the counter
     * @param reason what is wrong, with value and limit; control characters in it are escaped
     */
    public void close(Channel channel, String protocol, String reason) {
        close(channel, protocol, reason, Unpooled.EMPTY_BUFFER);
    }

    /**
     * Counts and logs as {@link #close} does, for a protocol that says goodbye before it closes.
     *
     * @param protocol the protocol's name; one of few, since it becomes a label of the counter
     */
    public void report(Channel channel, String protocol, String reason) {
        metrics.badInput(protocol);
        log.warn("bad {} input from {}, closed: {}", protocol, ClientAddress.of(channel), escape(reason));
    }

    /** As above, and shows the first bytes of {@code sample} escaped. Reads it by index and keeps no reference. */
    public void close(Channel channel, String protocol, String reason, ByteBuf sample) {
        if (!channel.isOpen()) {
            return;
        }
        metrics.badInput(protocol);
        if (sample.isReadable()) {
            log.warn(
                    "bad {} input from {}, closed: {}; first bytes \"{}\"",
                    protocol,
                    ClientAddress.of(channel),
                    escape(reason),
                    escape(sample));
        } else {
            log.warn("bad {} input from {}, closed: {}", protocol, ClientAddress.of(channel), escape(reason));
        }
        channel.close();
    }

    /** The text with control characters and backslashes escaped, cut at 300 characters: safe in one log line. */
    public static String escape(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), SHOWN_CHARACTERS) + 16);
        for (int i = 0; i < text.length(); i++) {
            if (out.length() >= SHOWN_CHARACTERS) {
                return out.append("...").toString();
            }
            char c = text.charAt(i);
            if (c == '\\') {
                out.append("\\\\");
            } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** The first 32 bytes as printable ASCII, others as {@code \xNN}. */
    static String escape(ByteBuf bytes) {
        int shown = Math.min(bytes.readableBytes(), SHOWN_BYTES);
        StringBuilder out = new StringBuilder(shown * 4);
        for (int i = 0; i < shown; i++) {
            int b = bytes.getUnsignedByte(bytes.readerIndex() + i);
            if (b >= 0x20 && b < 0x7f && b != '\\' && b != '"') {
                out.append((char) b);
            } else {
                out.append(String.format("\\x%02x", b));
            }
        }
        return bytes.readableBytes() > shown ? out.append("...").toString() : out.toString();
    }
}
