/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;

/**
 * Writes control characters as escapes, so that no client can put a line of its own into the log with a name or a
 * password it sends.
 */
final class EscapedMessage {
    private EscapedMessage() {}

    /** The message of a line. Public for Logback, which makes it. */
    public static final class OfMessage extends MessageConverter {
        @Override
        public String convert(ILoggingEvent event) {
            return escape(super.convert(event));
        }
    }

    /** The stack trace of a line: its own line ends stay, those of exceptions' messages do not begin a log line. */
    public static final class OfThrowable extends ThrowableProxyConverter {
        @Override
        protected String throwableProxyToString(IThrowableProxy thrown) {
            StringBuilder safe = new StringBuilder();
            for (String line : super.throwableProxyToString(thrown).split("\n", -1)) {
                boolean frame = line.startsWith("\t") || line.isEmpty();
                safe.append(frame || safe.isEmpty() || line.startsWith("Caused by: ") ? "" : "\t| ")
                        .append(escape(line.replace("\t", "    ")))
                        .append('\n');
            }
            safe.setLength(safe.length() - 1);
            return safe.toString();
        }
    }

    static String escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return escapeAll(text);
            }
        }
        return text;
    }

    private static String escapeAll(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isControl(c)) {
                safe.append(String.format("\\u%04x", (int) c));
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }

    private static boolean isControl(char c) {
        // Line and paragraph separators end lines for some readers; bidirectional overrides show another order.
        return Character.isISOControl(c)
                || c == '\u2028'
                || c == '\u2029'
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069');
    }
}
