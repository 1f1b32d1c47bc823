/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.polymq.broker.connector.ConfigProblem;

/**
 * Finds what is wrong with a configuration: of the common keys, of the plugin's own (which the plugin may check as it
 * likes), of converters and transforms, and keys that nobody knows.
 */
final class ConfigCheck {
    private final Plugins plugins;
    /** By key and message, so that what two checks find is told once. */
    private final Map<String, ConfigProblem> problems = new LinkedHashMap<>();

    ConfigCheck(Plugins plugins) {
        this.plugins = plugins;
    }

    List<ConfigProblem> check(String name, Map<String, String> given) {
        Map<String, String> config = new HashMap<>(given);
        config.put("name", name);
        collect(CommonConfig.DEFINITION.validate(config));
        String plugin = config.getOrDefault(CommonConfig.CLASS_KEY, "");
        if (plugin.isBlank()) {
            return found();
        }
        Connector connector;
        try {
            connector = plugins.make(CommonConfig.CLASS_KEY, plugin, Connector.class, null);
        } catch (ConfigException e) {
            add(CommonConfig.CLASS_KEY, Texts.describe(e));
            return found();
        }
        if (connector instanceof SinkConnector) {
            checkTopics(config);
        }
        checkPlugin(connector, config);
        if (problems.isEmpty()) {
            checkParts(connector, config);
        }
        return found();
    }

    private List<ConfigProblem> found() {
        return problems.values().stream()
                .sorted(Comparator.comparing(ConfigProblem::key))
                .toList();
    }

    private void add(String key, String message) {
        problems.putIfAbsent(key + " " + message, new ConfigProblem(key, message));
    }

    private void collect(List<ConfigValue> values) {
        for (ConfigValue value : values) {
            value.errorMessages().forEach(message -> add(value.name(), message));
        }
    }

    private void checkTopics(Map<String, String> config) {
        boolean named = !config.getOrDefault(CommonConfig.TOPICS, "").isBlank();
        boolean matched = !config.getOrDefault(CommonConfig.TOPICS_REGEX, "").isBlank();
        if (named == matched) {
            add(CommonConfig.TOPICS, "a sink needs either topics or topics.regex");
        }
        if (matched) {
            try {
                Pattern.compile(config.getOrDefault(CommonConfig.TOPICS_REGEX, ""));
            } catch (PatternSyntaxException e) {
                add(CommonConfig.TOPICS_REGEX, "is no regular expression: " + e.getMessage());
            }
        }
    }

    private void checkPlugin(Connector connector, Map<String, String> config) {
        ClassLoader classes = connector.getClass().getClassLoader();
        try {
            Set<String> known = new TreeSet<>(CommonConfig.DEFINITION.names());
            known.addAll(Foreign.call(classes, () -> connector.config().names()));
            if (!CommonConfig.ALLOW.equals(config.get(CommonConfig.UNKNOWN_KEYS))) {
                checkUnknown(config.keySet(), known);
            }
            Config checked = Foreign.call(classes, () -> connector.validate(config));
            collect(checked.configValues());
        } catch (Exception e) {
            add("", "the plugin cannot check its configuration: " + Texts.describe(e));
        }
    }

    private void checkUnknown(Set<String> keys, Set<String> known) {
        for (String key : keys) {
            if (!known.contains(key) && !CommonConfig.isOther(key)) {
                String nearest = known.stream()
                        .min(Comparator.comparingInt(each -> distance(key, each)))
                        .orElse("");
                add(
                        key,
                        "neither the plugin nor PolyMQ has this key; the nearest is " + nearest
                                + " (unknown.keys=allow takes it all the same)");
            }
        }
    }

    /** How many letters one must insert, delete or change. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    /** Converters and transforms say what is wrong with them only when they are made. */
    private void checkParts(Connector connector, Map<String, String> config) {
        ClassLoader classes = connector.getClass().getClassLoader();
        CommonConfig common = new CommonConfig(config);
        List<AutoCloseable> made = new ArrayList<>();
        try {
            made.add(Converters.of(common, plugins, classes));
            if (connector instanceof SinkConnector) {
                Transforms<SinkRecord> transforms = Transforms.of(common, plugins, classes);
                made.add(transforms);
            } else {
                Transforms<SourceRecord> transforms = Transforms.of(common, plugins, classes);
                made.add(transforms);
            }
            for (AutoCloseable part : made) {
                part.close();
            }
        } catch (Exception e) {
            add("", Texts.describe(e));
        }
    }
}
