/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the core needs to know of {@code security.*}.
 *
 * @param enabled whether anybody has to prove anything
 * @param files where its files are, or null for none: the key is made anew at each start
 * @param iterations of PBKDF2 for passwords set from now on; 1,000 or more
 * @param anonymousUser the user that clients without credentials act as; empty: they are refused
 * @param definedIn the group of the cluster where users, roles, keys and tokens are changed, from which they are
 *     {@linkplain Accounts#mirror copied}; empty: they are changed here
 */
public record SecuritySettings(
        boolean enabled, @Nullable Files files, int iterations, String anonymousUser, String definedIn) {
    /** PBKDF2-HMAC-SHA-256 as OWASP advises. */
    public static final int ITERATIONS = 600_000;

    /**
     * Files of the security subsystem.
     *
     * @param key {@code security.key-file}
     * @param adminPassword where the first start leaves the generated password of {@code admin}
     * @param givenPassword {@code security.admin-password-file}: a file with a password to take instead, or null
     */
    public record Files(
            Path key, Path adminPassword, @Nullable Path givenPassword) {}

    public static SecuritySettings off() {
        return new SecuritySettings(false, null, ITERATIONS, "", "");
    }
}
