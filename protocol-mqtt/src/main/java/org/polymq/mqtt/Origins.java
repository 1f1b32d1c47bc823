/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may connect over WebSocket: a browser lets every page connect anywhere and only says which page it
 * was. Immutable.
 */
public final class Origins {
    /** Pages from the host name that the client has connected to. */
    public static final Origins SAME_HOST = new Origins(List.of());

    private static final String ALL = "*";

    private final List<String> allowed;

    private Origins(List<String> allowed) {
        this.allowed = allowed;
    }

    /**
     * Pages of these origins, such as {@code https://app.example.com}; {@code *} stands for all, none for the same
     * host.
     */
    public static Origins of(List<String> origins) {
        return new Origins(
                origins.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList());
    }

    /**
     * Whether a client may connect.
     *
     * @param origin the request's Origin; null for what is no browser
     * @param host the request's Host
     */
    boolean allow(@Nullable String origin, @Nullable String host) {
        if (origin == null || allowed.contains(ALL)) {
            return true;
        }
        if (!allowed.isEmpty()) {
            return allowed.contains(origin.toLowerCase(Locale.ROOT));
        }
        String page = hostOf(origin);
        return page != null && host != null && page.equals(hostOf("http://" + host));
    }

    private static @Nullable String hostOf(String uri) {
        try {
            String host = new URI(uri).getHost();
            return host == null ? null : host.toLowerCase(Locale.ROOT);
        } catch (URISyntaxException e) {
            return null; // such as "null", the origin of a page from a file
        }
    }
}
