/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Which pages that a browser shows may talk to a port: those that came from it. */
public final class Pages {
    private Pages() {}

    /**
     * Whether a page is of the site that it talks to.
     *
     * @param origin the request's header {@code Origin}, such as {@code https://app.example.com:8443}
     * @param host the request's header {@code Host}, such as {@code app.example.com:8443}
     */
    public static boolean isOf(String origin, String host) {
        try {
            URI page = new URI(origin);
            URI asked = new URI(page.getScheme() + "://" + host);
            return page.getHost() != null
                    && page.getHost().equalsIgnoreCase(asked.getHost())
                    && port(page) == port(asked);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static int port(URI site) {
        if (site.getPort() >= 0) {
            return site.getPort();
        }
        return switch (site.getScheme().toLowerCase(Locale.ROOT)) {
            case "https", "wss" -> 443;
            default -> 80;
        };
    }

    /**
     * Whether a {@code Host} is an address or {@code localhost}: no name that somebody else's server may have resolved
     * to this machine.
     */
    public static boolean isPlainHost(String host) {
        try {
            String name = new URI("http://" + host).getHost();
            if (name == null) {
                return false;
            }
            String bare = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
            return bare.equals("localhost") || NetUtil.isValidIpV4Address(bare) || NetUtil.isValidIpV6Address(bare);
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
