/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polymq config}. */
@Command(
        name = "config",
        description = "The configuration of a running server; some keys can be changed while it runs.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: config list, get, set, reset");
    }

    @Command(
            name = "list",
            description = "Lists every key with its value and where that comes from.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin ApiOptions options,
            @Option(names = "--name", paramLabel = "TEXT", description = "Only keys that contain this.") @Nullable
                    String name,
            @Option(names = "--live", description = "Only keys that change at run time.") boolean live)
            throws IOException {
        JsonNode answer = options.client().get("config?live=" + live + (name == null ? "" : "&name=" + escape(name)));
        return print(options, options.json() ? answer : narrow(answer));
    }

    /** What fits a terminal: {@code get} shows the rest. */
    private static JsonNode narrow(JsonNode answer) {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        ArrayNode rows = whole.putArray("config");
        for (JsonNode entry : answer.path("config")) {
            rows.addObject()
                    .put("key", entry.path("key").asText())
                    .put("value", entry.path("value").asText())
                    .put("source", entry.path("source").asText())
                    .put("live", entry.path("live").asBoolean() ? "yes" : "no");
        }
        return whole;
    }

    @Command(name = "get", description = "Shows one key.", mixinStandardHelpOptions = true)
    int get(@Mixin ApiOptions options, @Parameters(paramLabel = "KEY") String key) throws IOException {
        return print(options, options.client().get("config/" + escape(key)));
    }

    @Command(
            name = "set",
            description = "Changes a key that changes at run time, also for later starts.",
            mixinStandardHelpOptions = true)
    int set(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE") String value,
            @Option(names = "--expected", paramLabel = "VALUE", description = "Only if this is its value.") @Nullable
                    String expected)
            throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("value", value);
        if (expected != null) {
            body.put("expected", expected);
        }
        return print(options, options.client().put("config/" + escape(key), body));
    }

    @Command(
            name = "reset",
            description = "What file, environment and options say holds again.",
            mixinStandardHelpOptions = true)
    int reset(@Mixin ApiOptions options, @Parameters(paramLabel = "KEY") String key) throws IOException {
        return print(options, options.client().delete("config/" + escape(key)));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
