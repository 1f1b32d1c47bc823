/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polymq acl}. */
@Command(
        name = "acl",
        description = "What users and roles may do. A permission is written \"allow PUB,SUB topic:plant/#\": allow or"
                + " deny; actions PUB, SUB, MANAGE; and any, topic, queue, group, client or cluster with a pattern.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class AclCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: acl list, add, remove, check ...");
    }

    @Command(
            name = "audit",
            description = "Lists the audit log: logins, denials and administration, the newest first.",
            mixinStandardHelpOptions = true)
    int audit(
            @Mixin ApiOptions options,
            @Option(names = "--of", paramLabel = "USER", description = "Only what this user did.") @Nullable String of,
            @Option(names = "--event", paramLabel = "EVENT", description = "Only login, login_failed, denied or admin.")
                    @Nullable
                    String event,
            @Option(names = "--text", paramLabel = "TEXT", description = "Only lines that contain this.") @Nullable
                    String text,
            @Option(names = "--limit", paramLabel = "N", description = "How many at most; default: 100.") @Nullable
                    Integer limit)
            throws IOException {
        JsonNode answer = options.client()
                .get("audit?limit=" + (limit == null ? 100 : limit)
                        + (of == null ? "" : "&user=" + escape(of))
                        + (event == null ? "" : "&event=" + escape(event))
                        + (text == null ? "" : "&text=" + escape(text)));
        ObjectNode lines = object();
        lines.set("lines", answer.path("lines"));
        Printed.print(spec.commandLine().getOut(), options.json() ? answer : lines, options.json());
        return 0;
    }

    @Command(
            name = "list",
            description = "Lists permissions: of all users, or of one.",
            mixinStandardHelpOptions = true)
    int list(@Mixin ApiOptions options, @Parameters(paramLabel = "USER", arity = "0..1") @Nullable String user)
            throws IOException {
        ObjectNode shown = object();
        ArrayNode all = shown.putArray("permissions");
        JsonNode users = user == null
                ? options.client().get("users").path("users")
                : JsonNodeFactory.instance.arrayNode().add(options.client().get("users/" + escape(user)));
        for (JsonNode one : users) {
            one.path("permissions")
                    .forEach(permission -> all.addObject()
                            .put("user", one.path("name").asText())
                            .put("permission", permission.asText()));
            one.path("roles")
                    .forEach(role -> all.addObject()
                            .put("user", one.path("name").asText())
                            .put("permission", "those of role " + role.asText()));
        }
        return print(options, shown);
    }

    @Command(name = "add", description = "Adds a permission or denial to a user.", mixinStandardHelpOptions = true)
    int add(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "USER") String user,
            @Parameters(paramLabel = "PERMISSION") String permission)
            throws IOException {
        return change(options, user, "permissions", permission, true);
    }

    @Command(
            name = "remove",
            description = "Takes a permission or denial, as \"acl list\" shows it, from a user.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "USER") String user,
            @Parameters(paramLabel = "PERMISSION") String permission)
            throws IOException {
        return change(options, user, "permissions", permission, false);
    }

    @Command(name = "grant", description = "Gives a user a role.", mixinStandardHelpOptions = true)
    int grant(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "USER") String user,
            @Parameters(paramLabel = "ROLE") String role)
            throws IOException {
        return change(options, user, "roles", role, true);
    }

    @Command(name = "revoke", description = "Takes a role from a user.", mixinStandardHelpOptions = true)
    int revoke(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "USER") String user,
            @Parameters(paramLabel = "ROLE") String role)
            throws IOException {
        return change(options, user, "roles", role, false);
    }

    @Command(name = "role-list", description = "Lists the roles.", mixinStandardHelpOptions = true)
    int roles(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("roles"));
    }

    @Command(
            name = "role-set",
            description = "Makes a role, or replaces its permissions.",
            mixinStandardHelpOptions = true)
    int setRole(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "ROLE") String role,
            @Option(
                            names = "--permission",
                            paramLabel = "PERMISSION",
                            description = "Such as \"allow SUB topic:#\"; may be repeated.")
                    @Nullable
                    List<String> permissions)
            throws IOException {
        ObjectNode body = object();
        ArrayNode all = body.putArray("permissions");
        if (permissions != null) {
            permissions.forEach(all::add);
        }
        return print(options, options.client().put("roles/" + escape(role), body));
    }

    @Command(name = "role-delete", description = "Deletes a role that nobody has.", mixinStandardHelpOptions = true)
    int deleteRole(@Mixin ApiOptions options, @Parameters(paramLabel = "ROLE") String role) throws IOException {
        return print(options, options.client().delete("roles/" + escape(role)));
    }

    @Command(
            name = "check",
            description = "Says whether a user may do something, such as: acl check ann SUB topic:plant/#",
            mixinStandardHelpOptions = true)
    int check(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "USER") String user,
            @Parameters(paramLabel = "ACTION") String action,
            @Parameters(paramLabel = "RESOURCE") String resource)
            throws IOException {
        JsonNode decision = options.client()
                .get("check?user=" + escape(user) + "&action=" + escape(action) + "&resource=" + escape(resource));
        print(options, decision);
        return decision.path("allowed").asBoolean() ? 0 : 1;
    }

    private int change(ApiOptions options, String user, String field, String value, boolean add) throws IOException {
        ApiClient client = options.client();
        JsonNode before = client.get("users/" + escape(user)).path(field);
        ObjectNode body = object();
        ArrayNode after = body.putArray(field);
        boolean had = false;
        for (JsonNode one : before) {
            boolean same = one.asText().equals(value.strip());
            had |= same;
            if (!same || add) {
                after.add(one);
            }
        }
        if (!add && !had) {
            throw new CommandFailedException(
                    "user " + user + " has no \"" + value + "\"; see: polymq acl list " + user);
        }
        if (add && !had) {
            after.add(value.strip());
        }
        return print(options, client.put("users/" + escape(user), body));
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
