/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.server.AdminApi;

/**
 * Who asks, and by what.
 *
 * @param user null for nobody
 * @param key of RocketMQ's clients; null for nobody
 */
record Person(String name, @Nullable String user, @Nullable String password, AdminApi.@Nullable Key key) {
    /** Shows nothing. */
    static final Person NOBODY = new Person("anonymous", null, null, null);

    /** The access key of one who has one. */
    AdminApi.Key accessKey() {
        return Objects.requireNonNull(key);
    }

    @Override
    public String toString() {
        return name;
    }
}
