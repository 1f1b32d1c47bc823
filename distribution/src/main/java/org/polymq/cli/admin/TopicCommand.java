/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static org.polymq.cli.admin.ApiClient.escape;

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

/** {@code polymq topic}. */
@Command(
        name = "topic",
        description = "Topics and queues. A topic's name is the first level of its MQTT name; what is below needs no"
                + " making.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class TopicCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: topic list, show, create ...");
    }

    @Command(
            name = "list",
            description = "Lists topics and queues with what is stored and what waits.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin ApiOptions options,
            @Option(names = "--name", paramLabel = "TEXT", description = "Only names that contain this.") @Nullable
                    String name,
            @Option(names = "--kind", paramLabel = "KIND", description = "Only topic, or only queue.") @Nullable
                    String kind,
            @Option(names = "--system", description = "The broker's own as well.") boolean system)
            throws IOException {
        String query = "topics?system=" + system
                + (name == null ? "" : "&name=" + escape(name))
                + (kind == null ? "" : "&kind=" + escape(kind));
        return print(options, Pages.all(options.client(), query, "topics"));
    }

    @Command(name = "show", description = "Shows one, with its queues.", mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().get("topics/" + escape(name)));
    }

    @Command(name = "create", description = "Makes a topic or a queue.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--queue", description = "A queue, whose messages go to one consumer each.") boolean queue,
            @Option(
                            names = "--queues",
                            paramLabel = "N",
                            description = "Over how many queues a topic's messages are spread; default: 4.")
                    @Nullable
                    Integer queues,
            @Option(
                            names = "--retention",
                            paramLabel = "DURATION",
                            description = "How long messages are kept, such as 72h; default: the broker's.")
                    @Nullable
                    String retention)
            throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", name);
        body.put("kind", queue ? "queue" : "topic");
        if (queues != null) {
            body.put("queues", queues);
        }
        if (retention != null) {
            body.put("retention", retention);
        }
        return print(options, options.client().post("topics", body));
    }

    @Command(name = "set", description = "Changes a topic or queue.", mixinStandardHelpOptions = true)
    int set(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--queues", paramLabel = "N", description = "No fewer than now.") @Nullable Integer queues,
            @Option(names = "--retention", paramLabel = "DURATION", description = "Such as 72h, or default.") @Nullable
                    String retention,
            @Option(names = "--readable", paramLabel = "true|false", description = "Whether it may be consumed.")
                    @Nullable
                    Boolean readable,
            @Option(names = "--writable", paramLabel = "true|false", description = "Whether it may be sent to.")
                    @Nullable
                    Boolean writable)
            throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (queues != null) {
            body.put("queues", queues);
        }
        if (retention != null) {
            body.put("retention", retention);
        }
        if (readable != null) {
            body.put("readable", readable);
        }
        if (writable != null) {
            body.put("writable", writable);
        }
        return print(options, options.client().put("topics/" + escape(name), body));
    }

    @Command(
            name = "delete",
            description = "Deletes a topic or queue with its messages.",
            mixinStandardHelpOptions = true)
    int delete(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().delete("topics/" + escape(name)));
    }

    @Command(
            name = "purge",
            description = "Takes everything that waits in a queue; nobody is handed it any more.",
            mixinStandardHelpOptions = true)
    int purge(@Mixin ApiOptions options, @Parameters(paramLabel = "QUEUE") String name) throws IOException {
        return print(options, options.client().post("topics/" + escape(name) + "/purge", null));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
