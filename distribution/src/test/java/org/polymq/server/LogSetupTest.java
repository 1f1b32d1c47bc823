/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LogSetupTest {
    @Test
    void writesOneObjectALineWhateverAClientSent() throws IOException {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        String evil = "a \"name\"\nERROR forged \u001b[31m";
        LoggingEvent event = new LoggingEvent(
                "", context.getLogger("org.polymq.x"), Level.WARN, "refused {}", new IOException(evil), new Object[] {
                    evil
                });

        String line = new String(LogSetup.json(context).encode(event), UTF_8);

        assertThat(line.strip().lines()).hasSize(1);
        JsonNode object = new ObjectMapper().readTree(line);
        assertThat(object.get("level").asText()).isEqualTo("WARN");
        assertThat(object.get("loggerName").asText()).isEqualTo("org.polymq.x");
        assertThat(object.get("formattedMessage").asText()).isEqualTo("refused " + evil);
        assertThat(object.get("throwable").get("message").asText()).isEqualTo(evil);
        assertThat(object.get("timestamp").asLong()).isPositive();
    }
}
