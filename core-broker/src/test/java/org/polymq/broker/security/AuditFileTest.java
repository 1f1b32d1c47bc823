/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditFileTest {
    @TempDir
    private Path directory;

    @Test
    void writesOneJsonLinePerEventWhateverTheClientSent() throws Exception {
        try (AuditFile audit = AuditFile.open(directory, 1 << 20, 3, InstantSource.system())) {
            audit.write(event("user\n{\"event\":\"login\"}\r\u0000\u2028\""));
            audit.write(event("second"));
        }

        List<String> lines = Files.readAllLines(directory.resolve("audit.log"));
        assertThat(lines).hasSize(2);
        JsonNode first = new ObjectMapper().readTree(lines.get(0));
        assertThat(first.get("user").asText()).isEqualTo("user\n{\"event\":\"login\"}\r\u0000\u2028\"");
        assertThat(first.get("event").asText()).isEqualTo("denied");
        assertThat(first.at("/details/resource").asText()).isEqualTo("topic a");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("audit.log"))))
                .isEqualTo("rw-------");
    }

    @Test
    void keepsAsManyFilesAsItIsTold() throws Exception {
        try (AuditFile audit = AuditFile.open(directory, 500, 3, InstantSource.system())) {
            for (int i = 0; i < 50; i++) {
                audit.write(event("user" + i));
            }
        }

        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("audit.log", "audit.1.log", "audit.2.log");
        }
        assertThat(Files.readString(directory.resolve("audit.log"))).contains("user49");
    }

    private static Audit.Event event(String user) {
        return new Audit.Event(
                Audit.Kind.DENIED, user, new Origin("mqtt", "127.0.0.1"), "PUB", Map.of("resource", "topic a"));
    }
}
