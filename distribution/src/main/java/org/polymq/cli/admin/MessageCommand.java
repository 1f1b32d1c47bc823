/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polymq message}. */
@Command(
        name = "message",
        description = "Looks at stored messages, finds them, and sends one.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class MessageCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a verb is missing: message browse, find, show, receive, trace, send ...");
    }

    @Command(
            name = "browse",
            description = "Lists messages of one queue of a topic: the newest, or from an offset or time on. Nothing is"
                    + " consumed.",
            mixinStandardHelpOptions = true)
    int browse(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(names = "--queue", paramLabel = "N", description = "Which queue; default: 0.") @Nullable
                    Integer queue,
            @Option(names = "--offset", paramLabel = "N", description = "Begin at this offset.") @Nullable Long offset,
            @Option(names = "--time", paramLabel = "TIME", description = "Begin at this time.") @Nullable String time,
            @Option(names = "--limit", paramLabel = "N", description = "How many at most; default: 20.") @Nullable
                    Integer limit)
            throws IOException {
        String query = (queue == null ? "" : "&queue=" + queue)
                + (offset == null ? "" : "&offset=" + offset)
                + (time == null ? "" : "&time=" + escape(time))
                + (limit == null ? "" : "&limit=" + limit);
        JsonNode answer = options.client()
                .get("topics/" + escape(topic) + "/messages" + (query.isEmpty() ? "" : "?" + query.substring(1)));
        return print(options, options.json() ? answer : only(answer, "messages"));
    }

    @Command(
            name = "find",
            description = "Finds the messages of a topic that have a word as id or among their keys, the newest first.",
            mixinStandardHelpOptions = true)
    int find(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Parameters(paramLabel = "KEY") String key,
            @Option(names = "--from", paramLabel = "TIME", description = "Stored at this time or later.") @Nullable
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Stored at this time or before.") @Nullable
                    String to)
            throws IOException {
        return print(
                options,
                options.client()
                        .get("messages?topic=" + escape(topic) + "&key=" + escape(key)
                                + (from == null ? "" : "&from=" + escape(from))
                                + (to == null ? "" : "&to=" + escape(to))));
    }

    @Command(
            name = "show",
            description = "Shows one message, by the position that browse and find give, in the terms of all three"
                    + " protocols.",
            mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "POSITION") long position) throws IOException {
        return print(options, options.client().get("messages/" + position));
    }

    @Command(
            name = "send",
            description = "Sends one message to a topic (an MQTT name) or, with --queue, to a queue.",
            mixinStandardHelpOptions = true)
    int send(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "TEXT", arity = "0..1") @Nullable String text,
            @Option(names = "--queue", description = "NAME is a queue.") boolean queue,
            @Option(names = "--file", paramLabel = "FILE", description = "The body, instead of TEXT; up to 40 KB.")
                    @Nullable
                    Path file,
            @Option(names = "--keys", paramLabel = "KEYS", description = "Words to find it by.") @Nullable String keys,
            @Option(names = "--tag", paramLabel = "TAG", description = "RocketMQ's tag.") @Nullable String tag,
            @Option(names = "--retain", description = "Keep it as the topic's retained message.") boolean retain,
            @Option(names = "--delay", paramLabel = "DURATION", description = "Deliver it later, such as 30s.")
                    @Nullable
                    String delay,
            @Option(names = "--expires-in", paramLabel = "DURATION", description = "How long it is of use.") @Nullable
                    String expiresIn,
            @Option(names = "--priority", paramLabel = "N", description = "0 to 9.") @Nullable Integer priority,
            @Option(names = "--property", paramLabel = "NAME=VALUE", description = "May be repeated.") @Nullable
                    Map<String, String> properties)
            throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put(queue ? "queue" : "topic", name);
        if (file != null) {
            body.put("encoding", "base64").put("body", Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
        } else {
            body.put("body", text == null ? new String(System.in.readAllBytes(), UTF_8) : text);
        }
        put(body, "keys", keys);
        put(body, "tag", tag);
        put(body, "delay", delay);
        put(body, "expiresIn", expiresIn);
        if (priority != null) {
            body.put("priority", priority);
        }
        if (retain) {
            body.put("retain", true);
        }
        if (properties != null) {
            ObjectNode all = body.putObject("properties");
            properties.forEach(all::put);
        }
        return print(options, options.client().post("messages", body));
    }

    @Command(
            name = "receive",
            description = {
                "Waits for messages and prints them as they are published. Nothing is consumed: others get what they"
                        + " would get without, and a queue keeps what it has.",
                "Ends with 7 if --timeout is over before --count messages came."
            },
            mixinStandardHelpOptions = true)
    int receive(
            @Mixin ApiOptions options,
            @Parameters(
                            paramLabel = "NAME",
                            description = "An MQTT topic filter, such as sensors/+/temperature; a queue with --queue; a"
                                    + " subscription's id with --subscription.")
                    String name,
            @Option(names = "--queue", description = "NAME is a queue.") boolean queue,
            @Option(names = "--subscription", description = "NAME is a subscription, as group subscriptions shows it.")
                    boolean subscription,
            @Option(names = "--count", paramLabel = "N", description = "End after so many messages.") @Nullable
                    Long count,
            @Option(names = "--timeout", paramLabel = "DURATION", description = "End after this time, such as 30s.")
                    @Nullable
                    String timeout)
            throws IOException {
        if (queue && subscription) {
            throw new ParameterException(spec.commandLine(), "give one of --queue and --subscription");
        }
        String kind = queue ? "queue" : subscription ? "subscription" : "topic";
        return new Receiving(spec.commandLine(), options, count, timeout).run(kind, name);
    }

    @Command(
            name = "trace",
            description = "Shows what became of a message: who has consumed it, and its retries and dead letters.",
            mixinStandardHelpOptions = true)
    int trace(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "POSITION", description = "As find, browse and send show it; or a topic.")
                    String position,
            @Parameters(paramLabel = "KEY", arity = "0..1", description = "An id or key, if a topic was given.")
                    @Nullable
                    String key)
            throws IOException {
        ApiClient client = options.client();
        if (key == null) {
            return print(options, client.get("messages/" + escape(position) + "/trace"));
        }
        JsonNode found = client.get("messages?topic=" + escape(position) + "&key=" + escape(key))
                .path("messages");
        if (found.isEmpty()) {
            throw new CommandFailedException(
                    "no message of '" + position + "' has the id or key '" + key + "'",
                    CommandFailedException.NOT_FOUND);
        }
        return print(
                options, client.get("messages/" + found.get(0).path("position").asLong() + "/trace"));
    }

    @Command(
            name = "delayed",
            description = "Lists messages that are not due yet, the earliest first.",
            mixinStandardHelpOptions = true)
    int delayed(@Mixin ApiOptions options) throws IOException {
        return print(options, Pages.all(options.client(), "delayed", "delayed"));
    }

    @Command(
            name = "cancel",
            description = "Takes a message back that is not due yet; nobody will see it.",
            mixinStandardHelpOptions = true)
    int cancel(
            @Mixin ApiOptions options, @Parameters(paramLabel = "ID", description = "As delayed shows it.") String id)
            throws IOException {
        return print(options, options.client().delete("delayed/" + escape(id)));
    }

    @Command(
            name = "dead-letters",
            description = "Lists the queues of dead letters, or what waits in one of them and why.",
            mixinStandardHelpOptions = true)
    int deadLetters(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "QUEUE", arity = "0..1", description = "Such as %%DLQ%%GROUP.") @Nullable
                    String queue)
            throws IOException {
        return print(
                options,
                queue == null
                        ? Pages.all(options.client(), "dead-letters", "queues")
                        : options.client().get("dead-letters/" + escape(queue) + "?limit=200"));
    }

    @Command(
            name = "resend",
            description = "Sends dead letters again, and takes them out of their queue.",
            mixinStandardHelpOptions = true)
    int resend(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "QUEUE") String queue,
            @Parameters(paramLabel = "POSITION", arity = "1..200", description = "As dead-letters shows them.")
                    List<Long> positions)
            throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        positions.forEach(body.putArray("positions")::add);
        JsonNode answer = options.client().post("dead-letters/" + escape(queue) + "/resend", body);
        print(options, answer);
        return answer.path("refused").isEmpty() ? 0 : CommandFailedException.REFUSED;
    }

    private static void put(ObjectNode body, String field, @Nullable String value) {
        if (value != null) {
            body.put(field, value);
        }
    }

    private static JsonNode only(JsonNode answer, String field) {
        ObjectNode one = JsonNodeFactory.instance.objectNode();
        one.set(field, answer.path(field));
        return one;
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
