/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import java.io.Serializable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Which broker is meant, and who asks: what a configuration says, of which any part may be left to a less specific one.
 *
 * @param serverUrl {@code polymq://host:port} with the options that the JMS client knows
 * @param options more of these options, as {@code name=value&name=value}
 * @param clientId the client id of each connection
 * @param login the user
 */
record Target(
        @Nullable String serverUrl,
        @Nullable String options,
        @Nullable String clientId,
        Login login) implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String DEFAULT_URL = "polymq://127.0.0.1:10911";

    /** Says nothing. */
    static final Target NONE = new Target(null, null, null, Login.NONE);

    Target {
        serverUrl = emptyToNull(serverUrl);
        options = emptyToNull(options);
        clientId = emptyToNull(clientId);
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.trim();
    }

    /** This one, and the other's where this one says nothing; options belong to the URL that they are given with. */
    Target orElse(Target other) {
        boolean own = serverUrl != null;
        return new Target(
                own ? serverUrl : other.serverUrl,
                own || options != null ? options : other.options,
                clientId != null ? clientId : other.clientId,
                login.user() != null ? login : other.login);
    }

    /** The URL that the JMS client takes. */
    String url() {
        StringBuilder url = new StringBuilder(serverUrl == null ? DEFAULT_URL : serverUrl);
        if (options != null) {
            append(url, options);
        }
        if (clientId != null) {
            append(url, "clientId=" + URLEncoder.encode(clientId, StandardCharsets.UTF_8));
        }
        return url.toString();
    }

    private static void append(StringBuilder url, String option) {
        url.append(url.indexOf("?") < 0 ? '?' : '&').append(option);
    }
}
