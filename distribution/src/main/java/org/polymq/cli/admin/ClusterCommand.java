/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polymq cluster}: asks any node of a group; what only the leader does is asked of the leader. */
@Command(
        name = "cluster",
        description = "The nodes of a group that replicates one log, or of a cluster of several groups.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class ClusterCommand implements Runnable {
    private static final String GROUP = "Which group, in a cluster of several.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a verb is missing: cluster status, nodes, overview, slow, busy, transfer-leader, add-node ...");
    }

    @Command(
            name = "status",
            description = "Shows how one node is, and each of several groups.",
            mixinStandardHelpOptions = true)
    int status(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("cluster"));
    }

    @Command(name = "nodes", description = "Lists the nodes.", mixinStandardHelpOptions = true)
    int nodes(
            @Mixin ApiOptions options,
            @Option(names = "--group", paramLabel = "NAME", description = GROUP) @Nullable String group)
            throws IOException {
        return print(options, leader(options, group).get("cluster/nodes"));
    }

    @Command(
            name = "transfer-leader",
            description = "Gives the lead to a node, which catches up first.",
            mixinStandardHelpOptions = true)
    int transfer(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NODE", description = "The node's number.") int node,
            @Option(names = "--group", paramLabel = "NAME", description = GROUP) @Nullable String group)
            throws IOException {
        return print(options, leader(options, group).post("cluster/leader", body(node)));
    }

    @Command(
            name = "add-node",
            description = "Takes in a node that was started with cluster.join; done when it has the log.",
            mixinStandardHelpOptions = true)
    int add(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NODE", description = "The node's number.") int node,
            @Option(
                            names = "--address",
                            required = true,
                            paramLabel = "HOST:PORT",
                            description = "Where the other nodes reach it; as in cluster.nodes, for any group.")
                    String address,
            @Option(names = "--group", paramLabel = "NAME", description = GROUP) @Nullable String group)
            throws IOException {
        return print(
                options, leader(options, group).post("cluster/nodes", body(node).put("address", address)));
    }

    @Command(
            name = "remove-node",
            description = "Takes out a node, running or not; its data is of no use afterwards.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NODE", description = "The node's number.") int node,
            @Option(names = "--group", paramLabel = "NAME", description = GROUP) @Nullable String group)
            throws IOException {
        return print(options, leader(options, group).delete("cluster/nodes/" + node));
    }

    @Command(
            name = "backup",
            description = "Writes a copy of a server's data, while it goes on, below its storage.backup-directory.",
            mixinStandardHelpOptions = true)
    int backup(
            @Mixin ApiOptions options, @Parameters(paramLabel = "NAME", description = "The backup's name.") String name)
            throws IOException {
        return print(
                options,
                options.client()
                        .post("backups", JsonNodeFactory.instance.objectNode().put("name", name)));
    }

    @Command(
            name = "advertised",
            description = "Shows where a server tells clients to connect to, and whether that is reached.",
            mixinStandardHelpOptions = true)
    int advertised(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("nodes"));
    }

    @Command(name = "overview", description = "Shows what a server is doing.", mixinStandardHelpOptions = true)
    int overview(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("overview"));
    }

    @Command(name = "listeners", description = "Lists where a server listens.", mixinStandardHelpOptions = true)
    int listeners(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("listeners"));
    }

    @Command(
            name = "slow",
            description = "Lists the subscriptions and groups for which most waits.",
            mixinStandardHelpOptions = true)
    int slow(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("slow-consumers"));
    }

    @Command(
            name = "busy",
            description = "Lists the topics that most is published to.",
            mixinStandardHelpOptions = true)
    int busy(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("busiest-topics"));
    }

    private static ObjectNode body(int node) {
        return JsonNodeFactory.instance.objectNode().put("node", node);
    }

    private static ApiClient leader(ApiOptions options, @Nullable String group) throws IOException {
        JsonNode status = options.client().get("cluster");
        JsonNode groups = status.path("groups");
        if (group == null) {
            if (!groups.isEmpty()) {
                throw new CommandFailedException(
                        "this cluster has several groups: say which one by --group " + names(groups));
            }
            return at(options, status);
        }
        for (JsonNode each : groups.isEmpty() ? List.of(status) : groups) {
            if (each.path("group").asText().equals(group)) {
                if (!each.has("leaderUrl")) {
                    throw new CommandFailedException("no node of group " + group + " leads right now");
                }
                return at(options, each);
            }
        }
        throw new CommandFailedException(
                "there is no group " + group + "; there is "
                        + (groups.isEmpty() ? status.path("group").asText() : names(groups)),
                CommandFailedException.NOT_FOUND);
    }

    private static ApiClient at(ApiOptions options, JsonNode group) throws IOException {
        String url = group.path("leaderUrl").asText("");
        return url.isEmpty() ? options.client() : options.client(url);
    }

    private static String names(JsonNode groups) {
        List<String> names = new ArrayList<>();
        groups.forEach(each -> names.add(each.path("group").asText()));
        return String.join(", ", names);
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }
}
