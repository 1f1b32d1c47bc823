/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.cli.admin.ApiOptions.Secrets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polymq user}. */
@Command(
        name = "user",
        description = "Users, their passwords, access keys and tokens.",
        mixinStandardHelpOptions = true,
        addMethodSubcommands = false)
public final class UserCommand implements Runnable {
    private static final String NEW_PASSWORD = "POLYMQ_NEW_PASSWORD";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: user list, show, create ...");
    }

    @Command(name = "whoami", description = "Shows who you are logged in as.", mixinStandardHelpOptions = true)
    int whoami(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("whoami"));
    }

    @Command(name = "list", description = "Lists the users.", mixinStandardHelpOptions = true)
    int list(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("users"));
    }

    @Command(name = "show", description = "Shows one user.", mixinStandardHelpOptions = true)
    int show(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().get("users/" + escape(name)));
    }

    @Command(
            name = "create",
            description = "Makes a user. Its password comes from --new-password-file, POLYMQ_NEW_PASSWORD or a prompt.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--new-password-file", paramLabel = "FILE", description = "Holds the new password.")
                    @Nullable
                    Path file,
            @Option(names = "--no-password", description = "The user logs in by access key, token or certificate only.")
                    boolean without,
            @Option(names = "--role", paramLabel = "ROLE", description = "A role to have; may be repeated.") @Nullable
                    List<String> roles,
            @Option(
                            names = "--allow",
                            paramLabel = "PERMISSION",
                            description = "Such as \"PUB,SUB topic:plant/#\"; may be repeated.")
                    @Nullable
                    List<String> allowed,
            @Option(
                            names = "--certificate",
                            paramLabel = "SUBJECT",
                            description = "Subject of a client certificate, such as CN=device-7; may be repeated.")
                    @Nullable
                    List<String> certificates)
            throws IOException {
        ObjectNode user = object().put("name", name);
        if (!without) {
            user.put("password", newPassword(file));
        }
        if (roles != null) {
            roles.forEach(user.putArray("roles")::add);
        }
        if (allowed != null) {
            allowed.forEach(permission -> user.withArray("permissions").add("allow " + permission));
        }
        if (certificates != null) {
            certificates.forEach(user.putArray("certificates")::add);
        }
        return print(options, options.client().post("users", user));
    }

    @Command(
            name = "password",
            description = "Gives a user another password, from --new-password-file, POLYMQ_NEW_PASSWORD or a prompt.",
            mixinStandardHelpOptions = true)
    int password(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--new-password-file", paramLabel = "FILE", description = "Holds the new password.")
                    @Nullable
                    Path file)
            throws IOException {
        ObjectNode body = object().put("password", newPassword(file));
        return print(options, options.client().put("users/" + escape(name) + "/password", body));
    }

    @Command(name = "enable", description = "Lets a user log in again.", mixinStandardHelpOptions = true)
    int enable(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().put("users/" + escape(name), object().put("enabled", true)));
    }

    @Command(
            name = "disable",
            description = "Ends a user's connections and lets it not log in.",
            mixinStandardHelpOptions = true)
    int disable(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().put("users/" + escape(name), object().put("enabled", false)));
    }

    @Command(
            name = "delete",
            description = "Deletes a user with its access keys and tokens; its connections end.",
            mixinStandardHelpOptions = true)
    int delete(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().delete("users/" + escape(name)));
    }

    @Command(
            name = "key-create",
            description = "Makes an access key for RocketMQ clients. Its secret is shown this once.",
            mixinStandardHelpOptions = true)
    int createKey(@Mixin ApiOptions options, @Parameters(paramLabel = "NAME") String name) throws IOException {
        return print(options, options.client().post("users/" + escape(name) + "/access-keys", object()));
    }

    @Command(name = "key-list", description = "Lists access keys.", mixinStandardHelpOptions = true)
    int keys(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("access-keys"));
    }

    @Command(name = "key-delete", description = "Revokes an access key.", mixinStandardHelpOptions = true)
    int deleteKey(@Mixin ApiOptions options, @Parameters(paramLabel = "ACCESS-KEY") String id) throws IOException {
        return print(options, options.client().delete("access-keys/" + escape(id)));
    }

    @Command(
            name = "token-create",
            description = "Makes a bearer token for the API. It is shown this once.",
            mixinStandardHelpOptions = true)
    int createToken(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--life",
                            paramLabel = "DURATION",
                            defaultValue = "PT12H",
                            description = "How long it is good, in ISO 8601: PT12H, P30D; default: ${DEFAULT-VALUE}.")
                    String life)
            throws IOException {
        ObjectNode body = object().put("life", life);
        return print(options, options.client().post("users/" + escape(name) + "/tokens", body));
    }

    @Command(name = "token-list", description = "Lists tokens.", mixinStandardHelpOptions = true)
    int tokens(@Mixin ApiOptions options) throws IOException {
        return print(options, options.client().get("tokens"));
    }

    @Command(name = "token-delete", description = "Revokes a token.", mixinStandardHelpOptions = true)
    int deleteToken(@Mixin ApiOptions options, @Parameters(paramLabel = "ID") String id) throws IOException {
        return print(options, options.client().delete("tokens/" + escape(id)));
    }

    private static String newPassword(@Nullable Path file) throws IOException {
        return Secrets.read(file, System.getenv(NEW_PASSWORD), "new password", System.console(), true);
    }

    private int print(ApiOptions options, JsonNode answer) {
        Printed.print(spec.commandLine().getOut(), answer, options.json());
        return 0;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
