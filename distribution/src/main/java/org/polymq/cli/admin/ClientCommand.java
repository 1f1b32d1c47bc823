/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polymq client}. */
@Command(
        name = "client",
        description = "Who is connected, by all protocols.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class ClientCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: client list, show, disconnect");
    }

    @Command(name = "list", description = "Lists the connections.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ApiOptions options,
            @Option(
                            names = "--text",
                            paramLabel = "TEXT",
                            description = "Only those whose client id, user or address contains this.")
                    @Nullable
                    String text,
            @Option(names = "--protocol", paramLabel = "NAME", description = "Only mqtt, jms or rocketmq.") @Nullable
                    String protocol)
            throws IOException {
        String query = "clients?text=" + (text == null ? "" : escape(text))
                + (protocol == null ? "" : "&protocol=" + escape(protocol));
        return print(options, Pages.all(options.client(), query, "clients"));
    }

    @Command(name = "show", description = "Shows one connection.", mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "ID") String id) throws IOException {
        return print(options, options.client().get("clients/" + escape(id)));
    }

    @Command(name = "disconnect", description = "Ends one connection.", mixinStandardHelpOptions = true)
    int disconnect(@Mixin ApiOptions options, @Parameters(paramLabel = "ID") String id) throws IOException {
        return print(options, options.client().delete("clients/" + escape(id)));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
