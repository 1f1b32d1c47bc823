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

/** {@code polymq group}. */
@Command(
        name = "group",
        description = "Consumer groups of RocketMQ clients, and the subscriptions of JMS and MQTT clients.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class GroupCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: group list, show, reset ...");
    }

    @Command(name = "list", description = "Lists groups with how far behind they are.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ApiOptions options,
            @Option(names = "--name", paramLabel = "TEXT", description = "Only names that contain this.") @Nullable
                    String name)
            throws IOException {
        return print(
                options,
                Pages.all(options.client(), "groups" + (name == null ? "" : "?name=" + escape(name)), "groups"));
    }

    @Command(name = "show", description = "Shows one, queue by queue.", mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().get("groups/" + escape(name)));
    }

    @Command(name = "create", description = "Makes a group.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--max-retries", paramLabel = "N", description = "Deliveries before the dead letters.")
                    @Nullable
                    Integer maxRetries)
            throws IOException {
        ObjectNode body = object().put("name", name);
        if (maxRetries != null) {
            body.put("maxRetries", maxRetries);
        }
        return print(options, options.client().post("groups", body));
    }

    @Command(name = "set", description = "Changes a group.", mixinStandardHelpOptions = true)
    int set(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--enabled", paramLabel = "true|false", description = "Whether it may consume.") @Nullable
                    Boolean enabled,
            @Option(names = "--max-retries", paramLabel = "N", description = "Deliveries before the dead letters.")
                    @Nullable
                    Integer maxRetries)
            throws IOException {
        ObjectNode body = object();
        if (enabled != null) {
            body.put("enabled", enabled);
        }
        if (maxRetries != null) {
            body.put("maxRetries", maxRetries);
        }
        return print(options, options.client().put("groups/" + escape(name), body));
    }

    @Command(
            name = "reset",
            description = "Moves a group to another place of a topic.",
            mixinStandardHelpOptions = true)
    int reset(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(names = "--to", paramLabel = "PLACE", description = "earliest or latest.") @Nullable String to,
            @Option(names = "--time", paramLabel = "TIME", description = "Such as 2026-01-31T12:00:00Z.") @Nullable
                    String time,
            @Option(names = "--offset", paramLabel = "N", description = "An offset; name the queue too.") @Nullable
                    Long offset,
            @Option(names = "--queue", paramLabel = "N", description = "Only this queue.") @Nullable Integer queue)
            throws IOException {
        ObjectNode body = object().put("topic", topic);
        if (to != null) {
            body.put("to", to);
        }
        if (time != null) {
            body.put("time", time);
        }
        if (offset != null) {
            body.put("offset", offset);
        }
        if (queue != null) {
            body.put("queue", queue);
        }
        return print(options, options.client().post("groups/" + escape(name) + "/reset", body));
    }

    @Command(name = "delete", description = "Deletes a group with its offsets.", mixinStandardHelpOptions = true)
    int delete(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().delete("groups/" + escape(name)));
    }

    @Command(
            name = "purge",
            description = "Has a group skip all that it has not consumed of a topic.",
            mixinStandardHelpOptions = true)
    int purge(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "TOPIC") String topic)
            throws IOException {
        return print(options, options.client().post("groups/" + escape(name) + "/purge", object().put("topic", topic)));
    }

    @Command(
            name = "purge-subscription",
            description = "Takes everything that waits for a subscription, by its id.",
            mixinStandardHelpOptions = true)
    int purgeSubscription(@Mixin ApiOptions options, @Parameters(paramLabel = "ID") String id) throws IOException {
        return print(options, options.client().post("subscriptions/" + idPath(id) + "/purge", null));
    }

    private static String idPath(String id) throws CommandFailedException {
        String[] parts = id.split("/", 3);
        if (parts.length != 3) {
            throw new CommandFailedException("'" + id + "' is no id as \"group subscriptions\" shows them");
        }
        return parts[0] + "/" + escape(parts[1]) + "/" + escape(parts[2]);
    }

    @Command(
            name = "subscriptions",
            description = "Lists the subscriptions of queues, JMS and MQTT, with what waits for them.",
            mixinStandardHelpOptions = true)
    int subscriptions(
            @Mixin ApiOptions options,
            @Option(names = "--name", paramLabel = "TEXT", description = "Only those whose id contains this.") @Nullable
                    String name)
            throws IOException {
        return print(
                options,
                Pages.all(
                        options.client(),
                        "subscriptions" + (name == null ? "" : "?name=" + escape(name)),
                        "subscriptions"));
    }

    @Command(
            name = "unsubscribe",
            description = "Deletes a durable or shared subscription that has no consumer, by its id.",
            mixinStandardHelpOptions = true)
    int unsubscribe(@Mixin ApiOptions options, @Parameters(paramLabel = "ID") String id) throws IOException {
        return print(options, options.client().delete("subscriptions/" + idPath(id)));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
