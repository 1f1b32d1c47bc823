/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Address;
import org.polymq.broker.state.Committer;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicsView;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The security subsystem of one broker: its parts, and what they share. Safe from any thread. */
public final class Security implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Security.class);
    private static final String FIRST_USER = "admin";
    private static final int FIRST_PASSWORD_BYTES = 18;

    private final SecuritySettings settings;
    private final AccountsView view;
    private final TopicsView topics;
    private final Audit audit;
    private final Authorizer authorizer;
    private final Authenticator authenticator;
    private final Accounts accounts;
    private final Set<Access> watched = ConcurrentHashMap.newKeySet();
    private final LongAdder denials = new LongAdder();
    private final LongAdder failedLogins = new LongAdder();

    /**
     * The subsystem over recovered views.
     *
     * @param failedLogins counted here or with others
     */
    public Security(
            SecuritySettings settings,
            KeyFile keys,
            AccountsView view,
            TopicsView topics,
            Committer committer,
            InstantSource clock,
            Audit audit,
            FailedLogins failedLogins) {
        this.settings = settings;
        this.view = view;
        this.topics = topics;
        this.audit = audit;
        this.authorizer = new Authorizer(settings.enabled(), view);
        this.authenticator = new Authenticator(this, view, keys, clock, settings.iterations(), failedLogins);
        this.accounts =
                new Accounts(view, committer, authenticator, keys, clock, settings.iterations(), settings.definedIn());
        view.onChange(this::accountsChanged);
    }

    /**
     * With security on and no user yet: makes {@code admin} with the password of a file that the settings name, else
     * with a generated one, which is left in a file that only the broker's own user may read. Not where users are
     * copied from another group.
     *
     * @throws IOException if that file cannot be read or written; no user is made then
     */
    public void makeFirstUser() throws IOException {
        SecuritySettings.Files files = settings.files();
        if (!settings.enabled() || !settings.definedIn().isEmpty() || !view.isEmpty() || files == null) {
            return;
        }
        Path given = files.givenPassword();
        String password = given == null ? Passwords.randomText(FIRST_PASSWORD_BYTES) : read(given);
        if (given == null) {
            PrivateFile.write(files.adminPassword(), password + "\n");
        }
        CompletableFuture<User> made = new CompletableFuture<>();
        accounts.create(
                User.of(FIRST_USER).withRoles(Set.of(Role.ADMIN.name())),
                password,
                Lane.direct(),
                Reply.of(made::complete, made::completeExceptionally));
        made.join();
        log.info("made the user {}; its password is in {}", FIRST_USER, given == null ? files.adminPassword() : given);
    }

    private static String read(Path file) throws IOException {
        String password = Files.readString(file).strip();
        try {
            Passwords.check(password);
        } catch (BrokerException e) {
            throw new IOException("security.admin-password-file " + file + ": " + e.getMessage(), e);
        }
        return password;
    }

    public boolean enabled() {
        return settings.enabled();
    }

    public Authorizer authorizer() {
        return authorizer;
    }

    public Authenticator authenticator() {
        return authenticator;
    }

    public Accounts accounts() {
        return accounts;
    }

    public Audit audit() {
        return audit;
    }

    /** Operations refused since the start. */
    public long denials() {
        return denials.sum();
    }

    /** Logins refused since the start. */
    public long failedLogins() {
        return failedLogins.sum();
    }

    /** What a user may do whom something else than a client's credentials stands for, such as a stored will. */
    public Access access(String user, Origin origin) {
        return enabled() ? access(user, origin, null) : everything(origin);
    }

    /** All that there is: for what the broker does on its own account. */
    public Access broker() {
        return new Access(Principal.BROKER, new Origin("broker", ""), this, null);
    }

    // ---- for the parts

    Access everything(Origin origin) {
        return new Access(Principal.ANONYMOUS, origin, this, null);
    }

    Access access(String user, Origin origin, @Nullable Verifier provedBy) {
        return new Access(new Principal(user), origin, this, provedBy);
    }

    String anonymousUser() {
        return settings.anonymousUser();
    }

    /** What an address is: the queue, if there is one of this name, else a topic. */
    Resource resource(Address address) {
        return address.path() == null && isQueue(address.topic())
                ? Resource.queue(address.topic())
                : Resource.of(address);
    }

    Resource everythingOf(String firstLevel) {
        return isQueue(firstLevel) ? Resource.queue(firstLevel) : Resource.under(firstLevel);
    }

    private boolean isQueue(String name) {
        Topic topic = topics.get(name);
        return topic != null && topic.kind() == TopicKind.QUEUE;
    }

    void denied(Access access, String action, String resource) {
        denials.increment();
        audit.write(new Audit.Event(
                Audit.Kind.DENIED, access.principal().name(), access.origin(), action, Map.of("resource", resource)));
    }

    void loginFailed(Origin origin) {
        failedLogins.increment();
        log.debug("a login over {} from {} failed", origin.protocol(), origin.address());
    }

    void watched(Access access) {
        watched.add(access);
    }

    void unwatched(Access access) {
        watched.remove(access);
    }

    boolean isRevoked(Principal principal, @Nullable Verifier provedBy) {
        AccountsView.Account account = view.account(principal.name());
        if (account == null || !account.user().enabled()) {
            return true;
        }
        return provedBy != null && !Verifier.same(account.verifier(), provedBy);
    }

    private void accountsChanged(String passwordOf) {
        watched.forEach(Access::accountsChanged);
        SecuritySettings.Files files = settings.files();
        if (passwordOf.equals(FIRST_USER) && files != null) {
            try {
                Files.deleteIfExists(files.adminPassword());
            } catch (IOException e) {
                log.warn("cannot delete {}: delete it yourself", files.adminPassword(), e);
            }
        }
    }

    @Override
    public void close() {
        authenticator.close();
        audit.close();
    }
}
