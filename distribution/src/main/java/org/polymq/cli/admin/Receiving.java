/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.config.Durations;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** {@code message receive}: prints messages as they are published, until there were enough or time is up. */
final class Receiving {
    private final CommandLine command;
    private final ApiOptions options;
    private final long count;
    private final long millis;
    private long received;
    private long missed;

    /**
     * @param count how many messages, or null for any number
     * @param timeout how long, or null for any time
     */
    Receiving(CommandLine command, ApiOptions options, @Nullable Long count, @Nullable String timeout) {
        this.command = command;
        this.options = options;
        this.count = count == null ? Long.MAX_VALUE : count;
        if (this.count < 1) {
            throw new ParameterException(command, "--count has to be 1 or more");
        }
        this.millis = timeout == null ? 0 : millis(command, timeout);
    }

    private static long millis(CommandLine command, String timeout) {
        try {
            return Math.max(1, Durations.parse(timeout).toMillis());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, "--timeout " + timeout + ": " + e.getMessage(), e);
        }
    }

    /**
     * Answers the exit status.
     *
     * @param kind topic, queue or subscription
     */
    int run(String kind, String name) throws IOException {
        boolean enough = options.client().events("messages/stream?" + kind + "=" + escape(name), millis, this::event);
        if (missed > 0) {
            tell(missed + " messages came too fast to be shown");
        }
        if (enough || count == Long.MAX_VALUE) {
            return 0;
        }
        tell(received + " of " + count + " messages came in time");
        return CommandFailedException.TIMED_OUT;
    }

    private boolean event(String name, JsonNode data) {
        switch (name) {
            case "listening" -> tell("listening");
            case "missed" -> missed += data.path("messages").asLong();
            case "message" -> {
                print(data);
                received++;
            }
            default -> {
                // Of a newer server.
            }
        }
        return received < count;
    }

    private void print(JsonNode message) {
        if (options.json()) {
            command.getOut().println(message);
        } else {
            JsonNode body = message.path("body");
            String encoding = body.path("encoding").asText();
            command.getOut()
                    .println(Printed.text(message.path("topic"))
                            + (encoding.equals("text") ? "  " : "  (" + encoding + ") ")
                            + Printed.text(body.path("content"))
                            + (body.path("truncated").asBoolean() ? " ..." : ""));
        }
        command.getOut().flush();
    }

    private void tell(String what) {
        command.getErr().println("polymq: " + what);
        command.getErr().flush();
    }
}
