/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.polymq.cli.admin.ApiClient;
import org.polymq.cli.admin.ApiOptions;
import org.polymq.cli.admin.CommandFailedException;
import org.polymq.cli.admin.Printed;
import org.polymq.server.LogSetup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code polymq bench}. */
@Command(
        name = "bench",
        description = "Sends messages to a running server and consumes them, and says how fast that went: threads that"
                + " each wait for each acknowledgement, and one consumer. The messages stay as long as the topic says.",
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
    private static final int SMALLEST = 8;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Option(names = "--protocol", paramLabel = "NAME", description = "jms (default), mqtt or rocketmq.")
    private String protocol = "jms";

    @Option(names = "--messages", paramLabel = "N", description = "Default: 10000.")
    private int messages = 10_000;

    @Option(names = "--size", paramLabel = "BYTES", description = "Of a body, at least 8; default: 1024.")
    private int size = 1_024;

    @Option(names = "--threads", paramLabel = "N", description = "Senders; default: 4.")
    private int threads = 4;

    @Option(names = "--name", paramLabel = "NAME", description = "The topic or queue; default: a new one.")
    private @Nullable String name;

    @Option(names = "--client-user", paramLabel = "NAME", description = "The clients log in as this user.")
    private @Nullable String clientUser;

    @Override
    public Integer call() throws Exception {
        if (messages < 1
                || messages > 10_000_000
                || size < SMALLEST
                || size > 4 << 20
                || threads < 1
                || threads > 256) {
            throw new CommandFailedException(
                    "--messages has to be 1 to 10000000, --size 8 to 4194304, --threads 1 to 256");
        }
        LogSetup.level("error");
        System.setProperty("rocketmq.client.logUseSlf4j", "true");
        String where = name == null ? "bench-" + Long.toString(System.currentTimeMillis(), 36) : name;
        Bench.Result result;
        try (BenchClient client = client(where)) {
            result = new Bench(
                            client,
                            messages,
                            size,
                            threads,
                            Boolean.getBoolean("polymq.terminal.errors") ? System.err : null)
                    .run();
        }
        Printed.print(spec.commandLine().getOut(), json(where, result), options.json());
        return result.missing() == 0 ? 0 : CommandFailedException.REFUSED;
    }

    private BenchClient client(String where) throws Exception {
        ApiClient api = options.client();
        String password =
                clientUser == null ? null : Map.copyOf(System.getenv()).get("POLYMQ_CLIENT_PASSWORD");
        return switch (protocol) {
            case "jms" -> {
                JsonNode at = listener(api, "native");
                yield new JmsBenchClient(host(at), at.path("port").asInt(), where, clientUser, password);
            }
            case "mqtt" -> {
                JsonNode at = listener(api, "mqtt");
                yield new MqttBenchClient(host(at), at.path("port").asInt(), where, clientUser, password);
            }
            case "rocketmq" -> {
                JsonNode at = listener(api, "nameserver");
                yield new NativeBenchClient(host(at) + ":" + at.path("port").asInt(), where);
            }
            default ->
                throw new CommandFailedException(
                        "--protocol is '" + protocol + "'; it has to be jms, mqtt or rocketmq");
        };
    }

    private static JsonNode listener(ApiClient api, String name) throws Exception {
        for (JsonNode one : api.get("listeners").path("listeners")) {
            if (one.path("name").asText().equals(name)) {
                return one;
            }
        }
        throw new CommandFailedException("the server has no listener '" + name + "'");
    }

    /** A server that listens on all addresses is where its admin API is. */
    private String host(JsonNode listener) {
        String host = listener.path("host").asText();
        return host.equals("0.0.0.0") || host.equals("0:0:0:0:0:0:0:0")
                ? URI.create(options.address()).getHost()
                : host;
    }

    private ObjectNode json(String where, Bench.Result result) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("protocol", protocol)
                .put("name", where)
                .put("messages", result.messages())
                .put("size", result.size())
                .put("threads", result.threads())
                .put("sentPerSecond", result.sentPerSecond())
                .put("receivedPerSecond", result.receivedPerSecond())
                .put("sendP50Millis", result.sendP50())
                .put("sendP99Millis", result.sendP99())
                .put("endToEndP50Millis", result.endToEndP50())
                .put("endToEndP99Millis", result.endToEndP99())
                .put("missing", result.missing());
    }
}
