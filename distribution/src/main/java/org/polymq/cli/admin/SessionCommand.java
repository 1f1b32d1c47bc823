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

/** {@code polymq session}. */
@Command(
        name = "session",
        description = "Persistent sessions of MQTT clients.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class SessionCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: session list, show, delete");
    }

    @Command(
            name = "list",
            description = "Lists the sessions with what waits for them.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin ApiOptions options,
            @Option(names = "--name", paramLabel = "TEXT", description = "Only client ids that contain this.") @Nullable
                    String name)
            throws IOException {
        return print(
                options,
                Pages.all(options.client(), "sessions" + (name == null ? "" : "?name=" + escape(name)), "sessions"));
    }

    @Command(name = "show", description = "Shows one, with its filters.", mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "CLIENT-ID") String clientId) throws IOException {
        return print(options, options.client().get("sessions/" + escape(clientId)));
    }

    @Command(
            name = "delete",
            description = "Ends the session of a client that is not connected, with what waits for it.",
            mixinStandardHelpOptions = true)
    int delete(@Mixin ApiOptions options, @Parameters(paramLabel = "CLIENT-ID") String clientId) throws IOException {
        return print(options, options.client().delete("sessions/" + escape(clientId)));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
