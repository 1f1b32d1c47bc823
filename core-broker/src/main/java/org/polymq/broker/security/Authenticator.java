/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;

/**
 * Finds out who a client is. Passwords are hashed on two threads of its own, never on an event loop; a user's last good
 * password is remembered as a keyed hash in memory, so that clients that come back do not cost a hash each. Safe from
 * any thread.
 */
public final class Authenticator implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int MOST_WAITING = 1_000;

    private final Security security;
    private final AccountsView accounts;
    private final KeyFile keys;
    private final InstantSource clock;
    private final FailedLogins backoff;
    private final byte[] memory = Passwords.random(32);
    private final Verifier nobody;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<String, Secret> secrets = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor hashing;

    /** A password that was right for this verifier, as a keyed hash. */
    @SuppressWarnings("ArrayRecordComponent") // compared in constant time, by hand
    private record Known(Verifier verifier, byte[] proof) {}

    /** The decrypted secret of an access key. */
    private record Secret(AccountsView.Key key, SecretKeySpec mac) {}

    Authenticator(
            Security security,
            AccountsView accounts,
            KeyFile keys,
            InstantSource clock,
            int iterations,
            FailedLogins backoff) {
        this.security = security;
        this.accounts = accounts;
        this.keys = keys;
        this.clock = clock;
        this.backoff = backoff;
        // Checked where there is no such user, so that the answer takes as long as a wrong password's.
        this.nobody = new Verifier(Passwords.random(16), iterations, new byte[32], new byte[32]);
        AtomicInteger number = new AtomicInteger();
        this.hashing = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
                    Thread thread = new Thread(task, "polymq-login-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        hashing.allowCoreThreadTimeOut(true);
    }

    /**
     * Answers what the client may do, or refuses with NOT_AUTHENTICATED; UNAVAILABLE when too many logins wait. The
     * answer may come before this returns. While security is off everybody is {@link Principal#ANONYMOUS}.
     */
    public void login(Credentials credentials, Origin origin, Lane lane, Reply<Access> reply) {
        if (!security.enabled()) {
            reply.ok(security.everything(origin));
            return;
        }
        if (credentials instanceof Credentials.Password password) {
            login(password, origin, lane, reply);
            return;
        }
        Access access;
        try {
            access = loginNow(credentials, origin);
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        reply.ok(access);
    }

    /**
     * As {@link #login} for credentials that need no slow hash: all but passwords. Throws what it would refuse with.
     */
    public Access loginNow(Credentials credentials, Origin origin) {
        if (!security.enabled()) {
            return security.everything(origin);
        }
        if (credentials instanceof Credentials.Signature signature) {
            return signed(signature, origin);
        } else if (credentials instanceof Credentials.Certificate certificate) {
            return certified(certificate, origin);
        } else if (credentials instanceof Credentials.Bearer bearer) {
            return bearer(bearer, origin);
        } else if (credentials instanceof Credentials.Anonymous) {
            return anonymous(origin);
        } else if (credentials instanceof Credentials.Vouched vouched) {
            return vouched(vouched, origin);
        }
        throw new IllegalArgumentException("a password is checked by login, not at once");
    }

    /** Begins a SCRAM-SHA-256 exchange. Refuses at its steps, not here. */
    public ScramExchange scram(Origin origin) {
        return new ScramExchange(this, origin);
    }

    // ---- passwords

    private void login(Credentials.Password given, Origin origin, Lane lane, Reply<Access> reply) {
        AccountsView.Account account = enabled(given.user());
        Verifier verifier = account == null ? null : account.verifier();
        try {
            checkPause(given.user(), origin);
        } catch (BrokerException wait) {
            reply.failed(wait);
            return;
        }
        if (verifier != null && isKnown(given, verifier)) {
            // Each request over HTTP logs in again: the first one is written down, and what it does.
            reply.ok(
                    origin.protocol().equals("http")
                            ? security.access(given.user(), origin, verifier)
                            : loggedIn(given.user(), origin, "password", verifier));
            return;
        }
        try {
            hashing.execute(() -> {
                boolean right = given.password().length() <= Passwords.MAX_LENGTH
                        && Passwords.matches(given.password(), verifier == null ? nobody : verifier);
                lane.execute(() -> finish(right && verifier != null, given, verifier, origin, reply));
            });
        } catch (RejectedExecutionException e) {
            reply.failed(new BrokerException(
                    Reason.UNAVAILABLE, MOST_WAITING + " logins wait for their password to be checked", e));
        }
    }

    private void finish(
            boolean right,
            Credentials.Password given,
            @Nullable Verifier verifier,
            Origin origin,
            Reply<Access> reply) {
        if (right && verifier != null) {
            known.put(given.user(), new Known(verifier, proof(given, verifier)));
            backoff.succeeded(given.user(), origin.address());
            reply.ok(loggedIn(given.user(), origin, "password", verifier));
        } else {
            reply.failed(failed(given.user(), origin, "wrong user or password"));
        }
    }

    private boolean isKnown(Credentials.Password given, Verifier verifier) {
        Known last = known.get(given.user());
        return last != null
                && Arrays.equals(last.verifier().storedKey(), verifier.storedKey())
                && MessageDigest.isEqual(last.proof(), proof(given, verifier));
    }

    private byte[] proof(Credentials.Password given, Verifier verifier) {
        byte[] password = given.password().getBytes(UTF_8);
        byte[] salted = Arrays.copyOf(verifier.storedKey(), verifier.storedKey().length + password.length);
        System.arraycopy(password, 0, salted, verifier.storedKey().length, password.length);
        return Passwords.hmac(memory, salted);
    }

    /** Runs slow work of accounts, such as hashing a new password, off the event loops. */
    void hash(Runnable task) {
        hashing.execute(task);
    }

    // ---- what is checked at once

    private Access signed(Credentials.Signature given, Origin origin) {
        checkPause(given.accessKey(), origin);
        AccountsView.Key key = accounts.key(given.accessKey());
        AccountsView.Account account = key == null ? null : enabled(key.key().user());
        if (key == null
                || account == null
                || !MessageDigest.isEqual(signature(key, given), decode(given.signature()))) {
            throw failed(given.accessKey(), origin, "wrong access key or signature");
        }
        return security.access(account.user().name(), origin, null);
    }

    private byte[] signature(AccountsView.Key key, Credentials.Signature given) {
        Secret secret = secrets.get(key.key().id());
        if (secret == null || !Arrays.equals(secret.key().encryptedSecret(), key.encryptedSecret())) {
            byte[] bytes = keys.decrypt(key.key().id(), key.encryptedSecret());
            secret = new Secret(key, new SecretKeySpec(bytes, "HmacSHA1"));
            secrets.put(key.key().id(), secret);
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(secret.mac());
            for (ByteBuffer part : given.signed()) {
                mac.update(part.duplicate());
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA1", e);
        }
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    private Access certified(Credentials.Certificate given, Origin origin) {
        String subject = given.certificate().getSubjectX500Principal().getName(X500Principal.RFC2253);
        AccountsView.Account account = accounts.byCertificate(subject);
        if (account == null || !account.user().enabled()) {
            throw failed(subject, origin, "no user has this certificate");
        }
        return loggedIn(account.user().name(), origin, "certificate", null);
    }

    private Access bearer(Credentials.Bearer given, Origin origin) {
        checkPause("(token)", origin);
        String[] parts = given.token().split("\\.", 3);
        AccountsView.Token token = parts.length == 3 ? accounts.token(parts[1]) : null;
        if (token == null
                || !MessageDigest.isEqual(
                        token.hash(), Passwords.sha256(given.token().getBytes(UTF_8)))
                || token.token().expiresAt() <= clock.millis()
                || enabled(token.token().user()) == null) {
            throw failed("(token)", origin, "wrong or expired token");
        }
        return security.access(token.token().user(), origin, null);
    }

    private Access anonymous(Origin origin) {
        String user = security.anonymousUser();
        if (user.isEmpty() || enabled(user) == null) {
            throw refused("", origin, "credentials are required");
        }
        return security.access(user, origin, null);
    }

    private Access vouched(Credentials.Vouched given, Origin origin) {
        if (enabled(given.user()) == null) {
            throw refused(given.user(), origin, "another group let this user in, who is unknown or disabled here");
        }
        return loggedIn(given.user(), origin, "gateway", null);
    }

    // ---- shared with SCRAM

    AccountsView.@Nullable Account enabled(String user) {
        AccountsView.Account account = accounts.account(user);
        return account != null && account.user().enabled() ? account : null;
    }

    /** A verifier that nothing matches, the same for a name as long as this broker runs. */
    Verifier pretended(String user) {
        byte[] salt = Arrays.copyOf(Passwords.hmac(memory, user.getBytes(UTF_8)), nobody.salt().length);
        return new Verifier(salt, nobody.iterations(), nobody.storedKey(), nobody.serverKey());
    }

    void checkPause(String user, Origin origin) {
        long pause = backoff.pause(user, origin.address());
        if (pause > 0) {
            throw refused(user, origin, "too many failed logins: wait " + (pause + 999) / 1_000 + " s");
        }
    }

    Access loggedIn(String user, Origin origin, String how, @Nullable Verifier verifier) {
        security.audit().write(new Audit.Event(Audit.Kind.LOGIN, user, origin, how, Map.of()));
        return security.access(user, origin, verifier);
    }

    void succeeded(String user, Origin origin) {
        backoff.succeeded(user, origin.address());
    }

    /** Counts a failure that makes later tries wait, and says so in the audit log. */
    BrokerException failed(String user, Origin origin, String why) {
        backoff.failed(user, origin.address());
        return refused(user, origin, why);
    }

    private BrokerException refused(String user, Origin origin, String why) {
        security.audit().write(new Audit.Event(Audit.Kind.LOGIN_FAILED, user, origin, why, Map.of()));
        security.loginFailed(origin);
        return new BrokerException(Reason.NOT_AUTHENTICATED, why);
    }

    @Override
    public void close() {
        hashing.shutdownNow();
    }
}
