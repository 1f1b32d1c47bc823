/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.state.ChangeVersion;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/** Users, roles, access keys and tokens. Changed by apply; safe to read from any thread. */
public final class AccountsView implements View {
    private final Map<String, Account> users = new ConcurrentHashMap<>();
    private final Map<String, Role> roles = new ConcurrentHashMap<>();
    private final Map<String, Key> keys = new ConcurrentHashMap<>();
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private final Map<String, String> userByCertificate = new ConcurrentHashMap<>();
    private final ChangeVersion version = new ChangeVersion();
    private volatile Listener listener = passwordOf -> {};
    private final AtomicLong generation = new AtomicLong();

    /** Told of a change just applied. Not called in recovery. */
    interface Listener {
        /** @param passwordOf the user whose password was replaced, or empty */
        void changed(String passwordOf);
    }

    /** A user with what proves it. */
    record Account(User user, @Nullable Verifier verifier) {}

    /** An access key with its secret, encrypted by {@link KeyFile}. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Key(AccessKey key, byte[] encryptedSecret) {
        @Override
        public String toString() {
            return key.toString();
        }
    }

    /** A token with the SHA-256 of its text. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Token(AccessToken token, byte[] hash) {
        @Override
        public String toString() {
            return token.toString();
        }
    }

    /** Sets who is told of changes from now on. */
    void onChange(Listener told) {
        listener = told;
    }

    /** Rises with every change: what was decided before may be decided otherwise now. */
    long generation() {
        return generation.get();
    }

    /** Orders its states. A view of its own. */
    public ChangeVersion version() {
        return version;
    }

    boolean isEmpty() {
        return users.isEmpty();
    }

    @Nullable
    Account account(String name) {
        return users.get(name);
    }

    @Nullable
    Account byCertificate(String subject) {
        String name = userByCertificate.get(subject);
        return name == null ? null : users.get(name);
    }

    Collection<User> users() {
        Map<String, User> sorted = new TreeMap<>();
        users.values().forEach(account -> sorted.put(account.user().name(), account.user()));
        return sorted.values();
    }

    @Nullable
    Role role(String name) {
        return name.equals(Role.ADMIN.name()) ? Role.ADMIN : roles.get(name);
    }

    Collection<Role> roles() {
        Map<String, Role> sorted = new TreeMap<>(roles);
        sorted.put(Role.ADMIN.name(), Role.ADMIN);
        return sorted.values();
    }

    @Nullable
    Key key(String id) {
        return keys.get(id);
    }

    Collection<Key> keys() {
        return keys.values();
    }

    @Nullable
    Token token(String id) {
        return tokens.get(id);
    }

    Collection<Token> tokens() {
        return tokens.values();
    }

    // ---- records

    /** Makes a user, if its revision is 0, or replaces the one of the revision before. */
    static ByteBuffer record(Account account) {
        return ControlRecord.of(RecordType.USER, out -> write(account, out));
    }

    static ByteBuffer record(Role role) {
        return ControlRecord.of(RecordType.ROLE, out -> write(role, out));
    }

    static ByteBuffer record(Key key) {
        return ControlRecord.of(RecordType.ACCESS_KEY, out -> write(key, out));
    }

    static ByteBuffer record(Token token) {
        return ControlRecord.of(RecordType.ACCESS_TOKEN, out -> write(token, out));
    }

    /** @param type one of the four deletions */
    static ByteBuffer deletion(RecordType type, String name) {
        return ControlRecord.of(type, out -> out.writeUTF(name));
    }

    /** Replaces everything by a copy of another group's, unless what is here is as new. */
    static ByteBuffer record(AccountsCopy copy) {
        return ControlRecord.of(RecordType.ACCOUNTS_MIRRORED, out -> {
            out.writeLong(copy.version());
            ByteBuffer content = copy.content();
            byte[] bytes = new byte[content.remaining()];
            content.get(bytes);
            out.write(bytes);
        });
    }

    /** Everything, as of one moment. */
    synchronized AccountsCopy copy() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            save(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return new AccountsCopy(version.value(), bytes.toByteArray());
    }

    // ---- apply

    /**
     * Applies one of this view's records; answers what it made or removed, or why it was refused.
     *
     * @param storeTime of the record, ms since the epoch
     */
    public synchronized @Nullable Object apply(RecordType type, long storeTime, DataInput in) throws IOException {
        if (type == RecordType.ACCOUNTS_MIRRORED) {
            return applyMirrored(in);
        }
        String passwordOf = "";
        Object answer = switch (type) {
            case USER -> {
                Account next = readAccount(in);
                Account before = users.get(next.user().name());
                User user = put(next);
                if (before != null && !Verifier.same(before.verifier(), next.verifier())) {
                    passwordOf = user.name();
                }
                yield user;
            }
            case USER_DELETED -> deleteUser(in.readUTF());
            case ROLE -> {
                Role role = readRole(in);
                roles.put(role.name(), role);
                yield role;
            }
            case ROLE_DELETED -> deleteRole(in.readUTF());
            case ACCESS_KEY -> put(readKey(in));
            case ACCESS_KEY_DELETED -> keys.remove(in.readUTF());
            case ACCESS_TOKEN -> put(readToken(in));
            case ACCESS_TOKEN_DELETED -> tokens.remove(in.readUTF());
            default -> throw new IllegalArgumentException(type + " is not about users");
        };
        if (answer != null) {
            version.changed(storeTime);
        }
        generation.incrementAndGet();
        listener.changed(passwordOf);
        return answer;
    }

    /** Answers whether the copy was newer than what is here. */
    private boolean applyMirrored(DataInput in) throws IOException {
        long mirrored = in.readLong();
        if (mirrored <= version.value()) {
            return false;
        }
        AccountsView next = new AccountsView();
        next.load(in);
        // Entry by entry, the new ones first: who is in both is never missing for those who read meanwhile.
        roles.putAll(next.roles);
        users.putAll(next.users);
        userByCertificate.putAll(next.userByCertificate);
        keys.putAll(next.keys);
        tokens.putAll(next.tokens);
        tokens.keySet().retainAll(next.tokens.keySet());
        keys.keySet().retainAll(next.keys.keySet());
        userByCertificate.keySet().retainAll(next.userByCertificate.keySet());
        users.keySet().retainAll(next.users.keySet());
        roles.keySet().retainAll(next.roles.keySet());
        version.mirrored(mirrored);
        generation.incrementAndGet();
        listener.changed("");
        return true;
    }

    private User put(Account account) {
        User next = account.user();
        Account before = users.get(next.name());
        long revision = before == null ? 0 : before.user().revision();
        if (next.revision() != revision) {
            throw before == null ? unknownUser(next.name()) : changed(next.name(), next.revision());
        }
        for (String subject : next.certificates()) {
            String owner = userByCertificate.get(subject);
            if (owner != null && !owner.equals(next.name())) {
                throw new BrokerException(
                        Reason.ALREADY_EXISTS, "the certificate " + subject + " is that of user " + owner);
            }
        }
        if (before != null && isAdmin(before.user()) && !isAdmin(next)) {
            requireAnotherAdmin(next.name());
        }
        User stored = new User(
                next.name(),
                next.enabled(),
                account.verifier() != null,
                next.roles(),
                next.permissions(),
                next.certificates(),
                revision + 1);
        install(new Account(stored, account.verifier()));
        return stored;
    }

    private void install(Account account) {
        Account before = users.put(account.user().name(), account);
        if (before != null) {
            userByCertificate.keySet().removeAll(before.user().certificates());
        }
        account.user()
                .certificates()
                .forEach(
                        subject -> userByCertificate.put(subject, account.user().name()));
    }

    private @Nullable User deleteUser(String name) {
        Account account = users.get(name);
        if (account == null) {
            return null;
        }
        if (isAdmin(account.user())) {
            requireAnotherAdmin(name);
        }
        users.remove(name);
        userByCertificate.keySet().removeAll(account.user().certificates());
        keys.values().removeIf(key -> key.key().user().equals(name));
        tokens.values().removeIf(token -> token.token().user().equals(name));
        return account.user();
    }

    private @Nullable Role deleteRole(String name) {
        for (Account account : users.values()) {
            if (account.user().roles().contains(name)) {
                throw new BrokerException(
                        Reason.INVALID_REQUEST,
                        "user " + account.user().name() + " has the role " + name + ": take it away first");
            }
        }
        return roles.remove(name);
    }

    private AccessKey put(Key key) {
        if (!users.containsKey(key.key().user())) {
            throw unknownUser(key.key().user());
        }
        if (keys.putIfAbsent(key.key().id(), key) != null) {
            throw new BrokerException(
                    Reason.ALREADY_EXISTS, "there is an access key " + key.key().id());
        }
        return key.key();
    }

    private AccessToken put(Token token) {
        if (!users.containsKey(token.token().user())) {
            throw unknownUser(token.token().user());
        }
        tokens.put(token.token().id(), token);
        return token.token();
    }

    private static boolean isAdmin(User user) {
        return user.enabled() && user.roles().contains(Role.ADMIN.name());
    }

    private void requireAnotherAdmin(String name) {
        boolean another = users.values().stream()
                .anyMatch(account ->
                        isAdmin(account.user()) && !account.user().name().equals(name));
        if (!another) {
            throw new BrokerException(Reason.INVALID_REQUEST, "user " + name + " is the last one with the role admin");
        }
    }

    static BrokerException unknownUser(String name) {
        return new BrokerException(Reason.INVALID_REQUEST, "there is no user " + name);
    }

    private static BrokerException changed(String name, long revision) {
        return revision == 0
                ? new BrokerException(Reason.ALREADY_EXISTS, "there is a user " + name + " already")
                : new BrokerException(
                        Reason.ALREADY_EXISTS, "user " + name + " was changed by another in the meantime");
    }

    // ---- snapshots

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(users.size());
        for (Account account : users.values()) {
            write(account, out);
        }
        out.writeInt(roles.size());
        for (Role role : roles.values()) {
            write(role, out);
        }
        out.writeInt(keys.size());
        for (Key key : keys.values()) {
            write(key, out);
        }
        out.writeInt(tokens.size());
        for (Token token : tokens.values()) {
            write(token, out);
        }
    }

    @Override
    public synchronized void load(DataInput in) throws IOException {
        users.clear();
        roles.clear();
        keys.clear();
        tokens.clear();
        userByCertificate.clear();
        for (int n = in.readInt(); n > 0; n--) {
            install(readAccount(in));
        }
        for (int n = in.readInt(); n > 0; n--) {
            Role role = readRole(in);
            roles.put(role.name(), role);
        }
        for (int n = in.readInt(); n > 0; n--) {
            Key key = readKey(in);
            keys.put(key.key().id(), key);
        }
        for (int n = in.readInt(); n > 0; n--) {
            Token token = readToken(in);
            tokens.put(token.token().id(), token);
        }
        generation.incrementAndGet();
    }

    private static void write(Account account, DataOutput out) throws IOException {
        User user = account.user();
        out.writeUTF(user.name());
        out.writeBoolean(user.enabled());
        out.writeLong(user.revision());
        writeAll(user.roles(), out);
        writeAll(user.certificates(), out);
        write(user.permissions(), out);
        Verifier verifier = account.verifier();
        out.writeBoolean(verifier != null);
        if (verifier != null) {
            verifier.write(out);
        }
    }

    private static Account readAccount(DataInput in) throws IOException {
        String name = in.readUTF();
        boolean enabled = in.readBoolean();
        long revision = in.readLong();
        Set<String> roles = readAll(in);
        Set<String> certificates = readAll(in);
        List<Permission> permissions = readPermissions(in);
        Verifier verifier = in.readBoolean() ? Verifier.read(in) : null;
        return new Account(
                new User(name, enabled, verifier != null, roles, permissions, certificates, revision), verifier);
    }

    private static void write(Role role, DataOutput out) throws IOException {
        out.writeUTF(role.name());
        write(role.permissions(), out);
    }

    private static Role readRole(DataInput in) throws IOException {
        return new Role(in.readUTF(), readPermissions(in));
    }

    private static void write(Key key, DataOutput out) throws IOException {
        out.writeUTF(key.key().id());
        out.writeUTF(key.key().user());
        out.writeLong(key.key().createdAt());
        ControlRecord.writeBytes(out, key.encryptedSecret());
    }

    private static Key readKey(DataInput in) throws IOException {
        return new Key(new AccessKey(in.readUTF(), in.readUTF(), in.readLong()), ControlRecord.readBytes(in));
    }

    private static void write(Token token, DataOutput out) throws IOException {
        out.writeUTF(token.token().id());
        out.writeUTF(token.token().user());
        out.writeLong(token.token().expiresAt());
        ControlRecord.writeBytes(out, token.hash());
    }

    private static Token readToken(DataInput in) throws IOException {
        return new Token(new AccessToken(in.readUTF(), in.readUTF(), in.readLong()), ControlRecord.readBytes(in));
    }

    private static void write(List<Permission> permissions, DataOutput out) throws IOException {
        out.writeInt(permissions.size());
        for (Permission permission : permissions) {
            permission.write(out);
        }
    }

    private static List<Permission> readPermissions(DataInput in) throws IOException {
        List<Permission> permissions = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            permissions.add(Permission.read(in));
        }
        return permissions;
    }

    private static void writeAll(Set<String> words, DataOutput out) throws IOException {
        out.writeInt(words.size());
        for (String word : words.stream().sorted().toList()) {
            out.writeUTF(word);
        }
    }

    private static Set<String> readAll(DataInput in) throws IOException {
        Set<String> words = new LinkedHashSet<>();
        for (int n = in.readInt(); n > 0; n--) {
            words.add(in.readUTF());
        }
        return words;
    }
}
