/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.security.PasswordCredential;
import java.io.Serializable;
import java.util.Objects;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/**
 * Who connects.
 *
 * @param user null is whom the URL names, or nobody
 * @param password of the user
 */
record Login(@Nullable String user, @Nullable String password) implements ConnectionRequestInfo, Serializable {
    private static final long serialVersionUID = 1L;
    static final Login NONE = new Login(null, null);

    Login {
        if (user != null && user.isEmpty()) {
            user = null;
        }
    }

    /**
     * Whom the container signs on, else whom the application names, else whom the configuration does.
     *
     * @param subject of the container: of its credentials the one for this factory counts
     */
    static Login of(
            @Nullable Subject subject,
            @Nullable ConnectionRequestInfo info,
            ManagedConnectionFactory factory,
            Login configured) {
        if (subject != null) {
            for (PasswordCredential credential : subject.getPrivateCredentials(PasswordCredential.class)) {
                if (factory.equals(credential.getManagedConnectionFactory())) {
                    return new Login(credential.getUserName(), String.valueOf(credential.getPassword()));
                }
            }
        }
        return info instanceof Login login && login.user() != null ? login : configured;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Login that
                && Objects.equals(user, that.user)
                && Objects.equals(password, that.password);
    }

    @Override
    public int hashCode() {
        return Objects.hash(user, password);
    }

    /** Without the password: servers log it. */
    @Override
    public String toString() {
        return user == null ? "nobody" : user;
    }
}
