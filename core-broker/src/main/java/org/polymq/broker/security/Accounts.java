/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.RecordType;

/**
 * Makes, changes and deletes users, roles, access keys and tokens. Whoever calls has asked whether the caller may. Safe
 * from any thread.
 */
public final class Accounts {
    /** The longest life of a token. */
    public static final Duration LONGEST_TOKEN = Duration.ofDays(366);

    private static final int MOST_PERMISSIONS = 1_000;
    private static final int SECRET_BYTES = 24;
    private static final int ID_BYTES = 12;

    private final AccountsView view;
    private final Committer committer;
    private final Authenticator authenticator;
    private final KeyFile keys;
    private final InstantSource clock;
    private final int iterations;
    private final String definedIn;

    /** @param definedIn the group where definitions are changed; empty: here */
    Accounts(
            AccountsView view,
            Committer committer,
            Authenticator authenticator,
            KeyFile keys,
            InstantSource clock,
            int iterations,
            String definedIn) {
        this.view = view;
        this.committer = committer;
        this.authenticator = authenticator;
        this.keys = keys;
        this.clock = clock;
        this.iterations = iterations;
        this.definedIn = definedIn;
    }

    // ---- of all

    /** Rises with every change, also over restarts and restored backups; 0 before the first. */
    public long version() {
        return view.version().value();
    }

    /** All definitions as of now, for {@link #mirror} of another group. */
    public AccountsCopy copy() {
        return view.copy();
    }

    /**
     * Replaces all definitions by those of another group; nothing changes if what is here is as new. Connections of
     * users that are gone, disabled or have another password end. Answers whether it was newer. Fails with
     * MESSAGE_TOO_LARGE if it does not fit an entry of the log.
     */
    public void mirror(AccountsCopy copy, Lane lane, Reply<Boolean> reply) {
        committer.control(List.of(AccountsView.record(copy)), lane, reply, results -> (Boolean) results[0]);
    }

    // ---- users

    /** All users by name. */
    public Collection<User> users() {
        return view.users();
    }

    public Optional<User> user(String name) {
        return Optional.ofNullable(view.account(name)).map(AccountsView.Account::user);
    }

    /** Makes a user; ALREADY_EXISTS if there is one of this name. Without a password it cannot log in by one. */
    public void create(User user, @Nullable String password, Lane lane, Reply<User> reply) {
        attempt(reply, () -> {
            checkName("user", user.name());
            check(user);
            withVerifier(
                    password, lane, reply, verifier -> commit(new AccountsView.Account(user, verifier), lane, reply));
        });
    }

    /** Changes a user's settings, not its password; ALREADY_EXISTS if somebody else changed it at the same moment. */
    public void update(String name, UnaryOperator<User> change, Lane lane, Reply<User> reply) {
        attempt(reply, () -> {
            AccountsView.Account before = existing(name);
            User changed = change.apply(before.user());
            check(changed);
            commit(new AccountsView.Account(changed, before.verifier()), lane, reply);
        });
    }

    /** Gives a user another password; its connections that logged in with the old one end. */
    public void setPassword(String name, String password, Lane lane, Reply<User> reply) {
        attempt(reply, () -> {
            existing(name);
            withVerifier(
                    password,
                    lane,
                    reply,
                    verifier -> attempt(
                            reply,
                            () -> commit(new AccountsView.Account(existing(name).user(), verifier), lane, reply)));
        });
    }

    /** Deletes a user with its access keys and tokens; answers whether there was one. Its connections end. */
    public void delete(String name, Lane lane, Reply<Boolean> reply) {
        remove(RecordType.USER_DELETED, name, lane, reply);
    }

    // ---- roles

    /** All roles by name, the built-in {@code admin} included. */
    public Collection<Role> roles() {
        return view.roles();
    }

    public Optional<Role> role(String name) {
        return Optional.ofNullable(view.role(name));
    }

    /** Makes a role or replaces its permissions. */
    public void put(Role role, Lane lane, Reply<Role> reply) {
        attempt(reply, () -> {
            checkName("role", role.name());
            checkChangeable(role.name());
            checkCount(role.permissions());
            committer.control(List.of(AccountsView.record(role)), lane, reply, results -> (Role) results[0]);
        });
    }

    /** Deletes a role that no user has; answers whether there was one. */
    public void deleteRole(String name, Lane lane, Reply<Boolean> reply) {
        attempt(reply, () -> {
            checkChangeable(name);
            remove(RecordType.ROLE_DELETED, name, lane, reply);
        });
    }

    // ---- access keys and tokens

    /** All access keys; their secrets are not to be had. */
    public List<AccessKey> accessKeys() {
        return view.keys().stream()
                .map(AccountsView.Key::key)
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
    }

    /** Makes an access key for native clients. The answer is the one time that its secret is shown. */
    public void createAccessKey(String user, Lane lane, Reply<AccessKey.Created> reply) {
        attempt(reply, () -> {
            existing(user);
            AccessKey key = new AccessKey("AK" + Passwords.randomText(ID_BYTES), user, clock.millis());
            String secret = Passwords.randomText(SECRET_BYTES);
            ByteBuffer record = AccountsView.record(new AccountsView.Key(key, keys.encrypt(key.id(), secret)));
            committer.control(List.of(record), lane, reply, results -> new AccessKey.Created(key, secret));
        });
    }

    /** Revokes an access key; answers whether there was one. */
    public void deleteAccessKey(String id, Lane lane, Reply<Boolean> reply) {
        remove(RecordType.ACCESS_KEY_DELETED, id, lane, reply);
    }

    /** All tokens, expired ones included; their texts are not to be had. */
    public List<AccessToken> tokens() {
        return view.tokens().stream()
                .map(AccountsView.Token::token)
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
    }

    /** Makes a bearer token. The answer is the one time that it is shown. */
    public void createToken(String user, Duration life, Lane lane, Reply<AccessToken.Created> reply) {
        attempt(reply, () -> {
            existing(user);
            if (life.isNegative() || life.isZero() || life.compareTo(LONGEST_TOKEN) > 0) {
                throw invalid("a token lives up to " + LONGEST_TOKEN.toDays() + " days");
            }
            long now = clock.millis();
            String id = Passwords.randomText(ID_BYTES);
            String text = "pmq." + id + "." + Passwords.randomText(SECRET_BYTES);
            AccessToken token = new AccessToken(id, user, now + life.toMillis());
            byte[] hash = Passwords.sha256(text.getBytes(UTF_8));
            ByteBuffer record = AccountsView.record(new AccountsView.Token(token, hash));
            committer.control(List.of(record), lane, reply, results -> new AccessToken.Created(token, text));
        });
    }

    /** Revokes a token; answers whether there was one. */
    public void deleteToken(String id, Lane lane, Reply<Boolean> reply) {
        remove(RecordType.ACCESS_TOKEN_DELETED, id, lane, reply);
    }

    // ----

    private void commit(AccountsView.Account account, Lane lane, Reply<User> reply) {
        committer.control(List.of(AccountsView.record(account)), lane, reply, results -> (User) results[0]);
    }

    private void remove(RecordType type, String name, Lane lane, Reply<Boolean> reply) {
        attempt(reply, () -> {
            if (name.length() > Permission.MAX_PATTERN) {
                reply.ok(false);
                return;
            }
            committer.control(List.of(AccountsView.deletion(type, name)), lane, reply, results -> results[0] != null);
        });
    }

    private interface WithVerifier {
        void take(@Nullable Verifier verifier);
    }

    private void withVerifier(@Nullable String password, Lane lane, Reply<?> reply, WithVerifier then) {
        if (password == null) {
            then.take(null);
            return;
        }
        Passwords.check(password);
        try {
            authenticator.hash(() -> {
                Verifier verifier = Passwords.verifier(password, iterations);
                lane.execute(() -> then.take(verifier));
            });
        } catch (RejectedExecutionException e) {
            reply.failed(new BrokerException(Reason.UNAVAILABLE, "too many passwords wait to be hashed", e));
        }
    }

    private AccountsView.Account existing(String name) {
        AccountsView.Account account = view.account(name);
        if (account == null) {
            throw AccountsView.unknownUser(name);
        }
        return account;
    }

    private void check(User user) {
        checkCount(user.permissions());
        for (String role : user.roles()) {
            if (view.role(role) == null) {
                throw invalid("there is no role " + role);
            }
        }
    }

    private static void checkCount(List<Permission> permissions) {
        if (permissions.size() > MOST_PERMISSIONS) {
            throw invalid(permissions.size() + " permissions, more than " + MOST_PERMISSIONS);
        }
    }

    private static void checkChangeable(String role) {
        if (role.equals(Role.ADMIN.name())) {
            throw invalid("the role admin cannot be changed");
        }
    }

    private static void checkName(String what, String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")) {
            throw invalid("the name of a " + what + " has 1 to 64 letters, digits, . _ @ and -");
        }
    }

    private static BrokerException invalid(String message) {
        return new BrokerException(Reason.INVALID_REQUEST, message);
    }

    private void attempt(Reply<?> reply, Runnable step) {
        try {
            if (!definedIn.isEmpty()) {
                throw new BrokerException(
                        Reason.INVALID_REQUEST,
                        "users, roles, access keys and tokens are defined in group " + definedIn
                                + " and copied from there: change them at its dashboard port (cluster status shows"
                                + " where its leader is)");
            }
            step.run();
        } catch (BrokerException refused) {
            reply.failed(refused);
        }
    }
}
