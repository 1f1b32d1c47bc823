/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polymq connector}. */
@Command(
        name = "connector",
        description = "Connectors: Kafka Connect plugins and bridges that run in the server.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class ConnectorCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: connector list, show, create ...");
    }

    /** What a connector's configuration is made of. */
    private static final class ConfigWords {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Its keys: a properties file, or JSON as Kafka Connect takes it.")
        private @Nullable Path file;

        @Option(names = "--set", paramLabel = "KEY=VALUE", description = "One key; wins over the file.")
        private Map<String, String> keys = Map.of();

        private ObjectNode config() throws IOException {
            Map<String, String> config = new TreeMap<>();
            if (file != null) {
                String text = Files.readString(file, UTF_8);
                if (text.stripLeading().startsWith("{")) {
                    readJson(text, config);
                } else {
                    Properties properties = new Properties();
                    properties.load(new StringReader(text));
                    properties.stringPropertyNames().forEach(key -> config.put(key, properties.getProperty(key)));
                }
                config.remove("name");
            }
            config.putAll(keys);
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            config.forEach(node::put);
            return node;
        }

        private void readJson(String text, Map<String, String> config) throws IOException {
            try {
                JsonNode whole = new ObjectMapper().readTree(text);
                JsonNode keys = whole.path("config").isObject() ? whole.path("config") : whole;
                keys.properties()
                        .forEach(entry ->
                                config.put(entry.getKey(), entry.getValue().asText()));
            } catch (JsonProcessingException e) {
                throw new CommandFailedException(file + " is no JSON: " + e.getOriginalMessage(), e);
            }
        }
    }

    @Command(name = "list", description = "Lists connectors with how they are doing.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ApiOptions options,
            @Option(names = "--name", paramLabel = "TEXT", description = "Only names that contain this.") @Nullable
                    String name)
            throws IOException {
        return print(
                options,
                Pages.all(
                        options.client(), "connectors" + (name == null ? "" : "?name=" + escape(name)), "connectors"));
    }

    @Command(
            name = "show",
            description = "Shows one with its configuration, tasks and counts.",
            mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().get("connectors/" + escape(name)));
    }

    @Command(name = "create", description = "Makes a connector and starts it.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Mixin ConfigWords config,
            @Option(names = "--kind", paramLabel = "KIND", description = "connect (the default) or bridge.") @Nullable
                    String kind,
            @Option(
                            names = "--as",
                            paramLabel = "USER",
                            description = "The user whose permissions hold for it; you if not given.")
                    @Nullable
                    String as,
            @Option(names = "--paused", description = "Nothing moves before it is resumed.") boolean paused)
            throws IOException {
        ObjectNode body = wanted(name, kind, config);
        if (as != null) {
            body.put("user", as);
        }
        return print(options, options.client().post("connectors", body.put("paused", paused)));
    }

    @Command(
            name = "update",
            description = "Changes the whole configuration of a connector and starts it anew.",
            mixinStandardHelpOptions = true)
    int update(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Mixin ConfigWords config,
            @Option(names = "--as", paramLabel = "USER", description = "The user whose permissions hold for it.")
                    @Nullable
                    String as)
            throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("config", config.config());
        if (as != null) {
            body.put("user", as);
        }
        return print(options, options.client().put("connectors/" + escape(name), body));
    }

    @Command(
            name = "validate",
            description = "Says what is wrong with a configuration; ends with 1 if something is.",
            mixinStandardHelpOptions = true)
    int validate(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Mixin ConfigWords config,
            @Option(names = "--kind", paramLabel = "KIND", description = "connect (the default) or bridge.") @Nullable
                    String kind)
            throws IOException {
        JsonNode answer = options.client().post("connector-checks", wanted(name, kind, config));
        print(options, answer);
        return answer.path("problems").isEmpty() ? 0 : 1;
    }

    private static ObjectNode wanted(String name, @Nullable String kind, ConfigWords config) throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", name);
        if (kind != null) {
            body.put("kind", kind);
        }
        body.set("config", config.config());
        return body;
    }

    @Command(name = "plugins", description = "Lists what connectors can be.", mixinStandardHelpOptions = true)
    int plugins(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("connector-plugins"));
    }

    @Command(name = "pause", description = "Nothing moves any more; connections stay.", mixinStandardHelpOptions = true)
    int pause(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return tell(options, name, "pause");
    }

    @Command(name = "resume", description = "Has a paused or stopped one run.", mixinStandardHelpOptions = true)
    int resume(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return tell(options, name, "resume");
    }

    @Command(name = "stop", description = "Ends one until it is resumed.", mixinStandardHelpOptions = true)
    int stop(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return tell(options, name, "stop");
    }

    @Command(
            name = "restart",
            description = "Stops one, or one task of it, and starts it.",
            mixinStandardHelpOptions = true)
    int restart(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--task", paramLabel = "N", description = "Only this task.") @Nullable Integer task)
            throws IOException {
        return tell(options, name, task == null ? "restart" : "tasks/" + task + "/restart");
    }

    private int tell(ApiOptions options, String name, String what) throws IOException {
        return print(options, options.client().post("connectors/" + escape(name) + "/" + what, null));
    }

    @Command(
            name = "delete",
            description = "Stops and deletes one with its positions.",
            mixinStandardHelpOptions = true)
    int delete(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().delete("connectors/" + escape(name)));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
