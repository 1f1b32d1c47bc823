/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes failed logins wait: after 5 failures of one user from one address 1 s, doubling to 60 s; after 100 of one
 * address with any user the same. Safe from any thread.
 */
public final class LoginBackoff implements FailedLogins {
    /** As whom all users of one address are counted. */
    public static final String ANYBODY = "";
    /** After so long without a failure those before count no more. */
    public static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private static final int FREE_PER_USER = 5;
    private static final int FREE_PER_ADDRESS = 100;
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final int MOST_REMEMBERED = 50_000;

    private final InstantSource clock;
    private final Map<Key, Failures> failures = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Failures> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    private record Key(String user, String address) {}

    private record Failures(int count, long lastAt, long blockedUntil) {}

    public LoginBackoff(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized long pause(String user, String address) {
        long now = clock.millis();
        return Math.max(pause(new Key(user, address), now), pause(new Key(ANYBODY, address), now));
    }

    private long pause(Key key, long now) {
        Failures known = failures.get(key);
        // A clock that was set back must not lock anybody out for longer than the pause.
        return known == null ? 0 : Math.min(LONGEST_PAUSE_MILLIS, Math.max(0, known.blockedUntil() - now));
    }

    @Override
    public synchronized void failed(String user, String address) {
        count(new Key(user, address));
        count(new Key(ANYBODY, address));
    }

    private void count(Key key) {
        Failures before = failures.get(key);
        boolean counts = before != null && clock.millis() - before.lastAt() <= FORGOTTEN_AFTER.toMillis();
        set(key, before != null && counts ? before.count() + 1 : 1);
    }

    private void set(Key key, int count) {
        long now = clock.millis();
        int free = free(key.user());
        long pause =
                count < free ? 0 : Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(20, count - free));
        failures.put(key, new Failures(count, now, now + pause));
    }

    private static int free(String user) {
        return user.equals(ANYBODY) ? FREE_PER_ADDRESS : FREE_PER_USER;
    }

    /** Whether so many failures of the user, or of {@link #ANYBODY}, make the next login wait. */
    public static boolean waits(String user, int count) {
        return count >= free(user);
    }

    /**
     * Others have counted too.
     *
     * @param count failures that all have seen; fewer than are known here change nothing
     */
    public synchronized void learn(String user, String address, int count) {
        Key key = new Key(user, address);
        Failures known = failures.get(key);
        if (known == null || known.count() < count) {
            set(key, count);
        }
    }

    /** Whether failures of this user from this address are known here. */
    public synchronized boolean knows(String user, String address) {
        return failures.containsKey(new Key(user, address));
    }

    @Override
    public synchronized void succeeded(String user, String address) {
        failures.remove(new Key(user, address));
    }
}
