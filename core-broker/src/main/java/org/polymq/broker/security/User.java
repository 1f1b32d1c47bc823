/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.util.List;
import java.util.Set;

/**
 * A user as others may see it: no secrets.
 *
 * @param name how it logs in; unique
 * @param enabled whether it may log in and do anything
 * @param hasPassword whether it can log in by password
 * @param roles names of the roles it has
 * @param permissions its own permissions and denials
 * @param certificates subjects (RFC 2253) of the client certificates that log in as this user
 * @param revision rises with every change
 */
public record User(
        String name,
        boolean enabled,
        boolean hasPassword,
        Set<String> roles,
        List<Permission> permissions,
        Set<String> certificates,
        long revision) {
    public User {
        roles = Set.copyOf(roles);
        permissions = List.copyOf(permissions);
        certificates = Set.copyOf(certificates);
    }

    /** A new user that may do nothing yet. */
    public static User of(String name) {
        return new User(name, true, false, Set.of(), List.of(), Set.of(), 0);
    }

    public User withEnabled(boolean on) {
        return new User(name, on, hasPassword, roles, permissions, certificates, revision);
    }

    public User withRoles(Set<String> all) {
        return new User(name, enabled, hasPassword, all, permissions, certificates, revision);
    }

    public User withPermissions(List<Permission> all) {
        return new User(name, enabled, hasPassword, roles, all, certificates, revision);
    }

    public User withCertificates(Set<String> all) {
        return new User(name, enabled, hasPassword, roles, permissions, all, revision);
    }
}
