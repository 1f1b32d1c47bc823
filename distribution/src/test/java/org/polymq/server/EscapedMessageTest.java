/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EscapedMessageTest {
    private static final String INJECTED =
            "client\r\n20:00:00.000 INFO  [main] Server: all is well\u001b[2J\u2028\u202e";

    @Test
    void aClientCannotBeginALineOfItsOwn() {
        String line = format(null);

        assertThat(line.strip().lines()).hasSize(1);
        assertThat(line)
                .contains("client\\u000d\\u000a20:00:00")
                .contains("\\u001b[2J\\u2028\\u202e")
                .doesNotContain("\u001b");
    }

    @Test
    void norWithTheMessageOfAnException() {
        String text = format(new IllegalStateException(INJECTED, new IllegalArgumentException(INJECTED)));

        assertThat(text.lines().skip(1))
                .allMatch(line -> line.startsWith("java.lang.")
                        || line.startsWith("    at ")
                        || line.startsWith("    ... ")
                        || line.startsWith("Caused by: ")
                        || line.startsWith("\t| "));
        assertThat(text).doesNotContain("\u001b");
    }

    private static String format(@Nullable Throwable thrown) {
        LoggerContext context = new LoggerContext();
        Encoder<ILoggingEvent> encoder = LogSetup.encoder(context);
        LoggingEvent event = new LoggingEvent(
                "test", context.getLogger("test"), Level.INFO, "connected: {}", thrown, new Object[] {INJECTED});
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }
}
