/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect.bad;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/**
 * A sink that appends values to {@code file} once {@code up} exists; before, it asks for another try. A value
 * {@code bad} is reported.
 */
public final class FlakySink extends SinkConnector {
    private Map<String, String> config = Map.of();

    @Override
    public String version() {
        return "flaky";
    }

    @Override
    public void start(Map<String, String> properties) {
        config = Map.copyOf(properties);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return FlakyTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int most) {
        return Collections.nCopies(most, config);
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define("file", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "where to")
                .define("up", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "whether the file can be written");
    }

    /** Writes. */
    public static final class FlakyTask extends SinkTask {
        private Path file = Path.of("");
        private Path up = Path.of("");

        @Override
        public String version() {
            return "flaky";
        }

        @Override
        public void start(Map<String, String> properties) {
            file = Path.of(Objects.requireNonNull(properties.get("file")));
            up = Path.of(Objects.requireNonNull(properties.get("up")));
        }

        @Override
        public void put(Collection<SinkRecord> records) {
            if (records.isEmpty()) {
                return;
            }
            if (!Files.exists(up)) {
                context.timeout(20);
                throw new RetriableException("the disk is not there");
            }
            List<String> lines = new ArrayList<>();
            for (SinkRecord record : records) {
                String text = String.valueOf(record.value());
                if (text.equals("bad")) {
                    context.errantRecordReporter().report(record, new IllegalArgumentException("bad by name"));
                } else {
                    lines.add(text);
                }
            }
            try {
                Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new ConnectException("cannot write", e);
            }
        }

        @Override
        public void stop() {}
    }
}
