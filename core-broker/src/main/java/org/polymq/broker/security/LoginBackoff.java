/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes failed logins wait: after 5 failures of one user from one address 1 s, doubling to 60 s; after 100 of one
 * address with any user the same. Safe from any thread.
 */
final class LoginBackoff {
    private static final int FREE_PER_USER = 5;
    private static final int FREE_PER_ADDRESS = 100;
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final long FORGOTTEN_AFTER_MILLIS = 10 * 60_000;
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

    LoginBackoff(InstantSource clock) {
        this.clock = clock;
    }

    /** How long a login has to wait, ms; 0 if it may be tried now. */
    synchronized long pause(String user, String address) {
        long now = clock.millis();
        return Math.max(pause(new Key(user, address), now), pause(new Key("", address), now));
    }

    private long pause(Key key, long now) {
        Failures known = failures.get(key);
        // A clock that was set back must not lock anybody out for longer than the pause.
        return known == null ? 0 : Math.min(LONGEST_PAUSE_MILLIS, Math.max(0, known.blockedUntil() - now));
    }

    synchronized void failed(String user, String address) {
        count(new Key(user, address), FREE_PER_USER);
        count(new Key("", address), FREE_PER_ADDRESS);
    }

    private void count(Key key, int free) {
        long now = clock.millis();
        Failures before = failures.get(key);
        int count = before == null || now - before.lastAt() > FORGOTTEN_AFTER_MILLIS ? 1 : before.count() + 1;
        long pause =
                count < free ? 0 : Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(20, count - free));
        failures.put(key, new Failures(count, now, now + pause));
    }

    synchronized void succeeded(String user, String address) {
        failures.remove(new Key(user, address));
    }
}
