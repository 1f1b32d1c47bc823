/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.util.List;

/** Permissions under a name that users can share. */
public record Role(String name, List<Permission> permissions) {
    /** May do everything. Always there; cannot be changed. */
    public static final Role ADMIN = new Role("admin", List.of(Permission.everything()));

    public Role {
        permissions = List.copyOf(permissions);
    }
}
