/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.polymq.broker.connector.ConnectorSettings;

/** The keys of connectors. What one connector does is no configuration: the log keeps it. */
final class ConnectorOptions {
    static final Option<String> PLUGINS = new Option<>(
            "connectors.plugins",
            OptionType.TEXT,
            "./plugins",
            "The directory with Kafka Connect plugins: one directory of jars, or one jar, each. What is in it can be run"
                    + " by who may MANAGE the cluster.");
    static final Option<String> SECRETS_FILE = new Option<>(
            "connectors.secrets-file",
            OptionType.TEXT,
            "",
            "A properties file. `${secret:KEY}` in a connector's configuration stands for its value, which neither the"
                    + " log nor the API holds then.");
    static final Option<Duration> PATIENCE = new Option<>(
            "connectors.patience",
            OptionType.duration("100ms", "1h"),
            "30s",
            "How long a connector may take to check a configuration, to start or to stop. Then it is interrupted and left"
                    + " behind.");
    static final Option<Integer> MAX =
            new Option<>("connectors.max", OptionType.number(0, 10_000), "100", "How many connectors there may be.");

    static final List<Option<?>> ALL = List.of(PLUGINS, SECRETS_FILE, PATIENCE, MAX);

    private ConnectorOptions() {}

    static ConnectorSettings read(Values values) {
        return new ConnectorSettings(
                Path.of(values.get(PLUGINS)),
                Optional.of(values.get(SECRETS_FILE))
                        .filter(name -> !name.isBlank())
                        .map(Path::of),
                values.get(PATIENCE),
                values.get(MAX));
    }
}
