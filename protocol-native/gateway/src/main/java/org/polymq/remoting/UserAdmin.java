/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Names;
import org.polymq.broker.security.Accounts;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Permission;
import org.polymq.broker.security.ResourceType;
import org.polymq.broker.security.Role;
import org.polymq.broker.security.User;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.AclInfo;
import org.polymq.remoting.wire.body.UserInfo;

/**
 * Codes 3001 to 3010: RocketMQ's users and access lists as the broker's users and permissions. {@code Super} is the
 * role {@code admin}; {@code Topic:NAME} is everything under the topic.
 */
final class UserAdmin {
    private static final String SUBJECT = "User:";
    private static final String SUPER = "Super";
    private static final String NORMAL = "Normal";
    private static final String ENABLE = "enable";
    private static final String DISABLE = "disable";

    private final Accounts accounts;

    UserAdmin(Accounts accounts) {
        this.accounts = accounts;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.AUTH_CREATE_USER, this::createUser);
        handlers.put(RequestCode.AUTH_UPDATE_USER, this::updateUser);
        handlers.put(RequestCode.AUTH_DELETE_USER, this::deleteUser);
        handlers.put(RequestCode.AUTH_GET_USER, this::getUser);
        handlers.put(RequestCode.AUTH_LIST_USER, this::listUsers);
        handlers.put(RequestCode.AUTH_CREATE_ACL, this::putAcl);
        handlers.put(RequestCode.AUTH_UPDATE_ACL, this::putAcl);
        handlers.put(RequestCode.AUTH_DELETE_ACL, this::deleteAcl);
        handlers.put(RequestCode.AUTH_GET_ACL, this::getAcl);
        handlers.put(RequestCode.AUTH_LIST_ACL, this::listAcls);
    }

    // ---- users

    private void createUser(RemotingCommand request, NativeConnection from) {
        UserInfo asked = UserInfo.of(request.body());
        if (asked.password().isEmpty()) {
            throw invalid("a new user needs a password");
        }
        User user = changed(asked).apply(User.of(request.fields().string("username")));
        accounts.create(user, asked.password(), from, done(request, from));
    }

    private void updateUser(RemotingCommand request, NativeConnection from) {
        UserInfo asked = UserInfo.of(request.body());
        String name = existing(request.fields().string("username")).name();
        accounts.update(name, changed(asked), from, from.guarded(request, user -> {
            if (asked.password().isEmpty()) {
                from.answer(request, request.answer(ResponseCode.SUCCESS, null));
            } else {
                accounts.setPassword(name, asked.password(), from, done(request, from));
            }
        }));
    }

    private static UnaryOperator<User> changed(UserInfo asked) {
        return before -> {
            User after = before;
            if (!asked.type().isEmpty()) {
                Set<String> roles = new HashSet<>(before.roles());
                if (oneOf(asked.type(), SUPER, NORMAL)) {
                    roles.add(Role.ADMIN.name());
                } else {
                    roles.remove(Role.ADMIN.name());
                }
                after = after.withRoles(roles);
            }
            return asked.status().isEmpty() ? after : after.withEnabled(oneOf(asked.status(), ENABLE, DISABLE));
        };
    }

    private static boolean oneOf(String given, String yes, String no) {
        if (!given.equalsIgnoreCase(yes) && !given.equalsIgnoreCase(no)) {
            throw invalid(given + " is neither " + yes + " nor " + no);
        }
        return given.equalsIgnoreCase(yes);
    }

    private void deleteUser(RemotingCommand request, NativeConnection from) {
        accounts.delete(request.fields().string("username"), from, done(request, from));
    }

    private void getUser(RemotingCommand request, NativeConnection from) {
        JsonText out = new JsonText();
        info(existing(request.fields().string("username"))).write(out);
        from.answer(request, request.answer(out.bytes()));
    }

    private void listUsers(RemotingCommand request, NativeConnection from) {
        String filter = request.fields().string("filter", "");
        JsonText out = new JsonText();
        out.openList();
        accounts.users().stream()
                .filter(user -> user.name().contains(filter))
                .forEach(user -> info(user).write(out));
        from.answer(request, request.answer(out.closeList().bytes()));
    }

    private static UserInfo info(User user) {
        return new UserInfo(
                user.name(),
                "",
                user.roles().contains(Role.ADMIN.name()) ? SUPER : NORMAL,
                user.enabled() ? ENABLE : DISABLE);
    }

    private User existing(String name) {
        return accounts.user(name)
                .orElseThrow(() -> new BadRequestException(
                        ResponseCode.INVALID_PARAMETER, "The user <" + name + "> does not exist"));
    }

    private static <T> Reply<T> done(RemotingCommand request, NativeConnection from) {
        return from.guarded(request, changed -> from.answer(request, request.answer(ResponseCode.SUCCESS, null)));
    }

    // ---- permissions

    private void putAcl(RemotingCommand request, NativeConnection from) {
        AclInfo asked = AclInfo.of(request.body());
        List<Permission> fresh =
                asked.entries().stream().map(UserAdmin::permission).toList();
        if (fresh.isEmpty()) {
            throw invalid("no policy is given");
        }
        accounts.update(
                subject(request.fields().string("subject")),
                user -> {
                    List<Permission> all = new ArrayList<>(user.permissions());
                    all.removeIf(before -> fresh.stream().anyMatch(each -> isOnTheSame(each, before)));
                    all.addAll(fresh);
                    return user.withPermissions(all);
                },
                from,
                done(request, from));
    }

    private static boolean isOnTheSame(Permission one, Permission other) {
        return one.type() == other.type() && one.pattern().equals(other.pattern());
    }

    private void deleteAcl(RemotingCommand request, NativeConnection from) {
        String resource = request.fields().string("resource", "");
        Target target = resource.isEmpty() ? null : target(resource);
        accounts.update(
                subject(request.fields().string("subject")),
                user -> user.withPermissions(user.permissions().stream()
                        .filter(each -> target != null
                                && (each.type() != target.type()
                                        || !each.pattern().equals(target.pattern())))
                        .toList()),
                from,
                done(request, from));
    }

    private void getAcl(RemotingCommand request, NativeConnection from) {
        User user = existing(subject(request.fields().string("subject")));
        JsonText out = new JsonText();
        acl(user).write(out);
        from.answer(request, request.answer(out.bytes()));
    }

    private void listAcls(RemotingCommand request, NativeConnection from) {
        String subject = request.fields().string("subjectFilter", "");
        String resource = request.fields().string("resourceFilter", "");
        JsonText out = new JsonText();
        out.openList();
        accounts.users().stream()
                .map(UserAdmin::acl)
                .filter(acl -> !acl.entries().isEmpty() && acl.subject().contains(subject))
                .filter(acl -> acl.entries().stream()
                        .anyMatch(entry -> entry.resource().contains(resource)))
                .forEach(acl -> acl.write(out));
        from.answer(request, request.answer(out.closeList().bytes()));
    }

    private static String subject(String subject) {
        if (!subject.startsWith(SUBJECT) || subject.length() == SUBJECT.length()) {
            throw invalid("the subject " + subject + " is not of the form User:NAME");
        }
        return subject.substring(SUBJECT.length());
    }

    /** What a permission is on. */
    private record Target(ResourceType type, String pattern) {}

    private static Permission permission(AclInfo.Entry entry) {
        if (!entry.sourceIps().isEmpty()) {
            throw invalid("permissions do not depend on the client's address: leave the source ips out");
        }
        Set<Action> actions = EnumSet.noneOf(Action.class);
        entry.actions().forEach(action -> actions.addAll(actions(action)));
        Target target = target(entry.resource());
        return new Permission(oneOf(entry.decision(), "Allow", "Deny"), actions, target.type(), target.pattern());
    }

    private static Set<Action> actions(String action) {
        return switch (action.toLowerCase(Locale.ROOT)) {
            case "all" -> EnumSet.allOf(Action.class);
            case "pub" -> EnumSet.of(Action.PUB);
            case "sub" -> EnumSet.of(Action.SUB);
            case "create", "update", "delete", "get", "list" -> EnumSet.of(Action.MANAGE);
            default ->
                throw invalid("the action " + action + " is none of All, Pub, Sub, Create, Update, Delete, Get, List");
        };
    }

    private static Target target(String resource) {
        int colon = resource.indexOf(':');
        String type = colon < 0 ? resource : resource.substring(0, colon);
        String name = colon < 0 ? "*" : resource.substring(colon + 1);
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "*", "any" -> new Target(ResourceType.ANY, "*");
            case "cluster" -> new Target(ResourceType.CLUSTER, "*");
            case "group" -> new Target(ResourceType.GROUP, name);
            case "topic" -> new Target(ResourceType.TOPIC, topics(name));
            default -> throw invalid("the resource " + resource + " is none of Topic:, Group:, Cluster: and *");
        };
    }

    private static String topics(String name) {
        if (name.equals("*")) {
            return "#";
        }
        if (name.contains("*")) {
            throw invalid("a prefix of topic names cannot be permitted: name the topic, or * for all");
        }
        return Names.levelOfNative(name) + "/#";
    }

    private static AclInfo acl(User user) {
        List<AclInfo.Entry> entries = new ArrayList<>();
        for (Permission permission : user.permissions()) {
            entries.add(new AclInfo.Entry(
                    resource(permission),
                    permission.actions().stream()
                            .map(UserAdmin::nativeAction)
                            .sorted()
                            .toList(),
                    List.of(),
                    permission.allowed() ? "Allow" : "Deny"));
        }
        return new AclInfo(SUBJECT + user.name(), entries);
    }

    private static String nativeAction(Action action) {
        return switch (action) {
            case PUB -> "Pub";
            case SUB -> "Sub";
            case MANAGE -> "Update";
        };
    }

    private static String resource(Permission permission) {
        String pattern = permission.pattern();
        return switch (permission.type()) {
            case ANY -> "*";
            case CLUSTER -> "Cluster:*";
            case GROUP -> "Group:" + pattern;
            case TOPIC -> "Topic:" + (pattern.equals("#") ? "*" : nativeTopic(pattern));
            case QUEUE, CLIENT, FILTER, TEMPORARY -> permission.type().word() + ":" + pattern;
        };
    }

    private static String nativeTopic(String pattern) {
        String level = pattern.endsWith("/#") ? pattern.substring(0, pattern.length() - 2) : pattern;
        String known = firstLevel(level);
        return known == null ? pattern : known;
    }

    private static @Nullable String firstLevel(String level) {
        if (level.indexOf('/') >= 0 || level.indexOf('+') >= 0 || level.indexOf('#') >= 0) {
            return null;
        }
        try {
            return Names.toNative(level);
        } catch (BrokerException tooLong) {
            return null;
        }
    }

    private static BadRequestException invalid(String why) {
        return new BadRequestException(ErrorCodes.of(Reason.INVALID_REQUEST), why);
    }
}
