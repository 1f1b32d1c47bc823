/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect.bad;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * A source that counts to {@code count} in each task, then does what {@code then} says: {@code idle}, {@code throw},
 * {@code hang} for ever without listening to interrupts; {@code start} hangs at the start already. Half way it waits
 * until there is a file {@code gate}, if that is set.
 */
public final class BadSource extends SourceConnector {
    private Map<String, String> config = Map.of();

    @Override
    public String version() {
        return "bad";
    }

    @Override
    public void start(Map<String, String> properties) {
        config = Map.copyOf(properties);
        context().pluginMetrics().addSensor("starts").record();
        if (then(config).equals("start")) {
            hang();
        }
    }

    private static String then(Map<String, String> config) {
        return config.getOrDefault("then", "idle");
    }

    private static void hang() {
        while (true) {
            LockSupport.parkNanos(1_000_000_000L);
        }
    }

    @Override
    public Class<? extends Task> taskClass() {
        return BadTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int most) {
        List<Map<String, String>> configs = new ArrayList<>();
        for (int task = 0; task < most; task++) {
            Map<String, String> each = new HashMap<>(config);
            each.put("number", Integer.toString(task));
            configs.add(each);
        }
        return configs;
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define("count", ConfigDef.Type.INT, 10, ConfigDef.Importance.HIGH, "how many")
                .define("gate", ConfigDef.Type.STRING, "", ConfigDef.Importance.LOW, "a file")
                .define("then", ConfigDef.Type.STRING, "idle", ConfigDef.Importance.HIGH, "what then")
                .define("pin", ConfigDef.Type.PASSWORD, "", ConfigDef.Importance.LOW, "a secret")
                .define("topic", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "where to");
    }

    /** Counts. */
    public static final class BadTask extends SourceTask {
        private Map<String, String> config = Map.of();
        private long next;

        @Override
        public String version() {
            return "bad";
        }

        private Map<String, String> partition() {
            return Map.of("task", config.getOrDefault("number", ""));
        }

        @Override
        public void start(Map<String, String> properties) {
            config = Map.copyOf(properties);
            Map<String, Object> offset = context.offsetStorageReader().offset(partition());
            next = offset == null ? 0 : (Long) Objects.requireNonNull(offset.get("next"));
            context.pluginMetrics().addSensor("starts").record();
        }

        private boolean isHeld() {
            String gate = config.getOrDefault("gate", "");
            return !gate.isEmpty()
                    && next >= Long.parseLong(config.getOrDefault("count", "10")) / 2
                    && !Files.exists(Path.of(gate));
        }

        @Override
        public List<SourceRecord> poll() {
            if (isHeld()) {
                return List.of();
            }
            if (next < Long.parseLong(config.getOrDefault("count", "10"))) {
                next++;
                String text = config.get("number") + ":" + next;
                return List.of(new SourceRecord(
                        partition(),
                        Map.of("next", next),
                        config.get("topic"),
                        null,
                        Schema.STRING_SCHEMA,
                        config.get("number"),
                        Schema.STRING_SCHEMA,
                        text));
            }
            switch (then(config)) {
                case "throw" -> throw new IllegalStateException("the other side is gone");
                case "hang" -> hang();
                default -> {}
            }
            return List.of();
        }

        @Override
        public void stop() {}
    }
}
