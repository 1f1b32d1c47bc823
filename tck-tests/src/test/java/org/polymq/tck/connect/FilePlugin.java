/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.polymq.tck.server.AdminApi;

/** Kafka's connect-file, as the build of {@code connectors/connect} laid it ready. */
public final class FilePlugin {
    private static final Path BUILT = Path.of("..", "connectors", "connect", "target", "plugins");
    private static final String TEXT = "org.apache.kafka.connect.storage.StringConverter";

    private FilePlugin() {}

    /** Copies it into a directory of plugins; answers the directory. */
    public static Path install(Path plugins) throws IOException {
        Path own = Files.createDirectories(plugins.resolve("file"));
        try (Stream<Path> jars = Files.list(BUILT)) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, own.resolve(jar.getFileName()));
            }
        }
        return plugins.toAbsolutePath();
    }

    /** The configuration of a connector that brings the lines of a file. */
    public static Map<String, String> source(Path file, String topic) {
        return Map.of(
                "connector.class",
                "org.apache.kafka.connect.file.FileStreamSourceConnector",
                "file",
                file.toString(),
                "topic",
                topic,
                "value.converter",
                TEXT);
    }

    /** The configuration of a connector that writes the messages of a topic to a file. */
    public static Map<String, String> sink(String topic, Path file) {
        return Map.of(
                "connector.class",
                "org.apache.kafka.connect.file.FileStreamSinkConnector",
                "file",
                file.toString(),
                "topics",
                topic,
                "value.converter",
                TEXT,
                "offset.flush.interval.ms",
                "100");
    }

    /** Makes a connector. */
    public static void create(AdminApi api, String name, Map<String, String> config) throws IOException {
        String body = new ObjectMapper().writeValueAsString(Map.of("name", name, "config", config));
        AdminApi.Answer answer = api.call("POST", "connectors", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }
}
