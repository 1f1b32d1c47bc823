/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import com.fasterxml.jackson.databind.JsonNode;
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

/** {@code polymq trace}: what the broker does for one client or topic. */
@Command(
        name = "trace",
        description = "Shows what the broker does for the messages of one client or topic, for a while.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class TraceCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: trace start, list, show or stop");
    }

    @Command(
            name = "start",
            description = "Begins to follow a client, a topic, or what the one does with the other.",
            mixinStandardHelpOptions = true)
    int start(
            @Mixin ApiOptions options,
            @Option(names = "--client", paramLabel = "ID", description = "A client id, or an address.") @Nullable
                    String client,
            @Option(names = "--topic", paramLabel = "FILTER", description = "An MQTT topic filter.") @Nullable
                    String topic,
            @Option(names = "--for", paramLabel = "DURATION", description = "How long, at most 1h; default: 5m.")
                    @Nullable
                    String duration)
            throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        put(body, "client", client);
        put(body, "topic", topic);
        put(body, "duration", duration);
        return print(options, options.client().post("traces", body));
    }

    private static void put(ObjectNode body, String field, @Nullable String value) {
        if (value != null) {
            body.put(field, value);
        }
    }

    @Command(name = "list", description = "Lists the traces, running and ended.", mixinStandardHelpOptions = true)
    int list(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("traces"));
    }

    @Command(name = "show", description = "Shows one with its newest events.", mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "NUMBER") int number) throws IOException {
        return print(options, options.client().get("traces/" + number));
    }

    @Command(name = "stop", description = "Ends one and forgets it.", mixinStandardHelpOptions = true)
    int stop(@Mixin ApiOptions options, @Parameters(paramLabel = "NUMBER") int number) throws IOException {
        return print(options, options.client().delete("traces/" + number));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
