/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.security.AccessKey;
import org.polymq.broker.security.AccessToken;
import org.polymq.broker.security.Accounts;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Permission;
import org.polymq.broker.security.Principal;
import org.polymq.broker.security.Resource;
import org.polymq.broker.security.ResourceType;
import org.polymq.broker.security.Role;
import org.polymq.broker.security.Security;
import org.polymq.broker.security.User;

/**
 * Users, roles, access keys and tokens over HTTP. Everything needs MANAGE on the cluster, but for what a user does with
 * its own password, keys and tokens.
 */
public final class SecurityRoutes {
    private final Security security;
    private final Accounts accounts;

    public SecurityRoutes(Security security) {
        this.security = security;
        this.accounts = security.accounts();
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("whoami", "who am I", this::whoAmI)
                        .says("Who the caller is. Needs a login.")
                        .gives(Who.class),
                Route.get("users", "user list", this::users)
                        .says("All users. Needs MANAGE on the cluster.")
                        .lists("users", UserView.class),
                Route.post("users", "user create", this::createUser)
                        .says("Makes a user. Needs MANAGE on the cluster.")
                        .takes(NewUser.class)
                        .gives(UserView.class),
                Route.get("users/{user}", "user show", this::user)
                        .says("One user. Needs MANAGE on the cluster, or to be that user.")
                        .gives(UserView.class),
                Route.put("users/{user}", "user change", this::changeUser)
                        .says("Changes a user. Needs MANAGE on the cluster.")
                        .takes(Change.class)
                        .gives(UserView.class),
                Route.put("users/{user}/password", "user password", this::setPassword)
                        .says("Sets a password. Needs MANAGE on the cluster, or to be that user.")
                        .takes(NewPassword.class)
                        .gives(UserView.class),
                Route.delete("users/{user}", "user delete", this::deleteUser)
                        .says("Deletes a user. Needs MANAGE on the cluster."),
                Route.get("roles", "role list", this::roles)
                        .says("All roles. Needs MANAGE on the cluster.")
                        .lists("roles", RoleView.class),
                Route.put("roles/{role}", "role set", this::putRole)
                        .says("Makes or changes a role. Needs MANAGE on the cluster.")
                        .takes(Permissions.class)
                        .gives(RoleView.class),
                Route.delete("roles/{role}", "role delete", this::deleteRole)
                        .says("Deletes a role. Needs MANAGE on the cluster."),
                Route.get("access-keys", "access key list", this::keys)
                        .says("Access keys of RocketMQ clients: one's own, or all with MANAGE on the cluster.")
                        .lists("accessKeys", KeyView.class),
                Route.post("users/{user}/access-keys", "access key create", this::createKey)
                        .says("Makes an access key; its secret is shown once. One's own, or MANAGE on the cluster.")
                        .gives(KeyView.class),
                Route.delete("access-keys/{id}", "access key delete", this::deleteKey)
                        .says("Deletes an access key. One's own, or MANAGE on the cluster."),
                Route.get("tokens", "token list", this::tokens)
                        .says("Bearer tokens: one's own, or all with MANAGE on the cluster.")
                        .lists("tokens", TokenView.class),
                Route.post("users/{user}/tokens", "token create", this::createToken)
                        .says("Makes a token; it is shown once. One's own, or MANAGE on the cluster.")
                        .takes(Life.class)
                        .gives(TokenView.class),
                Route.delete("tokens/{id}", "token delete", this::deleteToken)
                        .says("Ends a token. One's own, or MANAGE on the cluster."),
                Route.get("check", "permission check", this::check)
                        .says("Whether a user may do something. Needs MANAGE on the cluster, or to be that user.")
                        .text("user", "the user's name")
                        .text("action", "PUB, SUB or MANAGE")
                        .text("resource", "topic:a/b, queue:q, group:g, client:c or cluster:*")
                        .gives(Decision.class));
    }

    // ---- what travels

    private record Who(String user, boolean securityEnabled, boolean administrator) {}

    private record UserView(
            String name,
            boolean enabled,
            boolean password,
            List<String> roles,
            List<String> permissions,
            List<String> certificates,
            String version) {
        private static UserView of(User user) {
            UserView plain = new UserView(
                    user.name(),
                    user.enabled(),
                    user.hasPassword(),
                    user.roles().stream().sorted().toList(),
                    texts(user.permissions()),
                    user.certificates().stream().sorted().toList(),
                    "");
            return new UserView(
                    plain.name,
                    plain.enabled,
                    plain.password,
                    plain.roles,
                    plain.permissions,
                    plain.certificates,
                    Version.of(plain));
        }
    }

    private record NewUser(
            @Nullable String name,
            @Nullable String password,
            @Nullable Set<String> roles,
            @Nullable List<String> permissions,
            @Nullable Set<String> certificates) {}

    private record Change(
            @Nullable Boolean enabled,
            @Nullable Set<String> roles,
            @Nullable List<String> permissions,
            @Nullable Set<String> certificates,
            @Nullable String version) {
        private User apply(User user) {
            User changed = user;
            if (enabled != null) {
                changed = changed.withEnabled(enabled);
            }
            if (roles != null) {
                changed = changed.withRoles(roles);
            }
            if (permissions != null) {
                changed = changed.withPermissions(parse(permissions));
            }
            return certificates == null ? changed : changed.withCertificates(certificates);
        }
    }

    private record NewPassword(@Nullable String password) {}

    private record RoleView(String name, List<String> permissions) {
        private static RoleView of(Role role) {
            return new RoleView(role.name(), texts(role.permissions()));
        }
    }

    private record Permissions(@Nullable List<String> permissions) {}

    private record KeyView(
            String accessKey,
            String user,
            String createdAt,
            @Nullable String secretKey) {
        private static KeyView of(AccessKey key, @Nullable String secret) {
            return new KeyView(
                    key.id(), key.user(), Instant.ofEpochMilli(key.createdAt()).toString(), secret);
        }
    }

    private record Life(@Nullable String life) {}

    private record TokenView(
            String id,
            String user,
            String expiresAt,
            @Nullable String token) {
        private static TokenView of(AccessToken token, @Nullable String text) {
            return new TokenView(
                    token.id(),
                    token.user(),
                    Instant.ofEpochMilli(token.expiresAt()).toString(),
                    text);
        }
    }

    private record Decision(String user, String action, String resource, boolean allowed) {}

    // ---- handlers

    private void whoAmI(Call call, Reply<Object> reply) {
        reply.ok(new Who(
                call.access().principal().name(),
                security.enabled(),
                call.access().may(Action.MANAGE, Resource.CLUSTER)));
    }

    private void users(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        reply.ok(Map.of("users", accounts.users().stream().map(UserView::of).toList()));
    }

    private void user(Call call, Reply<Object> reply) {
        requireSelfOrAdmin(call);
        reply.ok(UserView.of(existing(call.path("user"))));
    }

    private void createUser(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        NewUser wanted = call.body(NewUser.class);
        if (wanted.name() == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the user's name is missing");
        }
        call.about(wanted.name());
        User user = new Change(null, wanted.roles(), wanted.permissions(), wanted.certificates(), null)
                .apply(User.of(wanted.name()));
        accounts.create(user, wanted.password(), call.lane(), Call.mapped(reply, UserView::of));
    }

    private void changeUser(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Change change = call.body(Change.class);
        User user = existing(call.path("user"));
        if (change.version() != null
                && !change.version().equals(UserView.of(user).version())) {
            throw new ConflictException(
                    "user '" + user.name() + "' was changed by somebody else meanwhile: look at it again");
        }
        accounts.update(call.path("user"), change::apply, call.lane(), Call.mapped(reply, UserView::of));
    }

    private void setPassword(Call call, Reply<Object> reply) {
        requireSelfOrAdmin(call);
        String password = call.body(NewPassword.class).password();
        if (password == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the password is missing");
        }
        existing(call.path("user"));
        accounts.setPassword(call.path("user"), password, call.lane(), Call.mapped(reply, UserView::of));
    }

    private void deleteUser(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        accounts.delete(call.path("user"), call.lane(), deleted(reply, "user"));
    }

    private void roles(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        reply.ok(Map.of("roles", accounts.roles().stream().map(RoleView::of).toList()));
    }

    private void putRole(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        List<String> permissions = call.body(Permissions.class).permissions();
        if (permissions == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the permissions are missing");
        }
        accounts.put(new Role(call.path("role"), parse(permissions)), call.lane(), Call.mapped(reply, RoleView::of));
    }

    private void deleteRole(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        accounts.deleteRole(call.path("role"), call.lane(), deleted(reply, "role"));
    }

    private void keys(Call call, Reply<Object> reply) {
        reply.ok(Map.of(
                "accessKeys",
                accounts.accessKeys().stream()
                        .filter(key -> isSelfOrAdmin(call, key.user()))
                        .map(key -> KeyView.of(key, null))
                        .toList()));
    }

    private void createKey(Call call, Reply<Object> reply) {
        requireSelfOrAdmin(call);
        existing(call.path("user"));
        accounts.createAccessKey(
                call.path("user"),
                call.lane(),
                Call.mapped(reply, created -> KeyView.of(created.key(), created.secret())));
    }

    private void deleteKey(Call call, Reply<Object> reply) {
        String id = call.path("id");
        Optional<AccessKey> key = accounts.accessKeys().stream()
                .filter(one -> one.id().equals(id))
                .findFirst();
        if (key.isEmpty() || !isSelfOrAdmin(call, key.get().user())) {
            call.access().manageCluster();
        }
        accounts.deleteAccessKey(id, call.lane(), deleted(reply, "access key"));
    }

    private void tokens(Call call, Reply<Object> reply) {
        reply.ok(Map.of(
                "tokens",
                accounts.tokens().stream()
                        .filter(token -> isSelfOrAdmin(call, token.user()))
                        .map(token -> TokenView.of(token, null))
                        .toList()));
    }

    private void createToken(Call call, Reply<Object> reply) {
        requireSelfOrAdmin(call);
        String life = call.body(Life.class).life();
        existing(call.path("user"));
        accounts.createToken(
                call.path("user"),
                life(life == null ? "PT12H" : life),
                call.lane(),
                Call.mapped(reply, created -> TokenView.of(created.token(), created.text())));
    }

    private void deleteToken(Call call, Reply<Object> reply) {
        String id = call.path("id");
        Optional<AccessToken> token =
                accounts.tokens().stream().filter(one -> one.id().equals(id)).findFirst();
        if (token.isEmpty() || !isSelfOrAdmin(call, token.get().user())) {
            call.access().manageCluster();
        }
        accounts.deleteToken(id, call.lane(), deleted(reply, "token"));
    }

    private void check(Call call, Reply<Object> reply) {
        String user = call.query("user");
        String text = call.query("resource");
        if (!isSelfOrAdmin(call, user)) {
            call.access().manageCluster();
        }
        Action action = Permission.parse("allow " + call.query("action") + " any:*")
                .actions()
                .iterator()
                .next();
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new BrokerException(Reason.INVALID_REQUEST, "a resource is written topic:a/b, queue:q, group:g ...");
        }
        String name = text.substring(colon + 1);
        Resource resource = switch (ResourceType.ofWord(text.substring(0, colon))) {
            case TOPIC -> Resource.filter(name);
            case QUEUE -> Resource.queue(name);
            case GROUP -> Resource.group(name);
            case CLIENT -> Resource.client(name);
            default -> Resource.CLUSTER;
        };
        boolean allowed = security.authorizer().decide(new Principal(user), action, resource);
        reply.ok(new Decision(user, action.name(), text, allowed));
    }

    // ----

    private static boolean isSelfOrAdmin(Call call, String user) {
        return call.access().principal().name().equals(user) || call.access().may(Action.MANAGE, Resource.CLUSTER);
    }

    private static void requireSelfOrAdmin(Call call) {
        if (!isSelfOrAdmin(call, call.path("user"))) {
            call.access().manageCluster();
        }
    }

    private User existing(String name) {
        return accounts.user(name)
                .orElseThrow(() -> new BrokerException(Reason.SUBSCRIPTION_NOT_FOUND, "there is no user " + name));
    }

    private static Duration life(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "a token's life is written as in ISO 8601: PT12H, P30D", e);
        }
    }

    private static List<Permission> parse(List<String> texts) {
        return texts.stream().map(Permission::parse).toList();
    }

    private static List<String> texts(List<Permission> permissions) {
        return permissions.stream().map(Permission::toString).toList();
    }

    private static Reply<Boolean> deleted(Reply<Object> reply, String what) {
        return Reply.of(
                was -> {
                    if (was) {
                        reply.ok(Route.Done.DONE);
                    } else {
                        reply.failed(new BrokerException(Reason.SUBSCRIPTION_NOT_FOUND, "there is no such " + what));
                    }
                },
                reply::failed);
    }
}
