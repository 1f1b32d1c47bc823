/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.config.ServerConfig;
import picocli.CommandLine.Option;

/** The options by which a server is configured. */
final class ConfigOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file (YAML). Without it the defaults hold.")
    private @Nullable Path file;

    @Option(names = "--data", paramLabel = "DIR", description = "Data directory; default: ./data.")
    private @Nullable String data;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets one key over file and environment; may be repeated.")
    private List<String> sets = List.of();

    /** Reads the configuration; {@code last} are settings that win over all others. */
    ServerConfig load(String... last) {
        List<String> all = new ArrayList<>(sets);
        if (data != null) {
            all.add("data=" + data);
        }
        all.addAll(List.of(last));
        return ServerConfig.load(file, System.getenv(), all);
    }
}
