/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a connection URL says. Immutable.
 *
 * @param addresses the brokers to try, in order; unresolved
 * @param clientId the client id of connections, or null
 * @param user the default user, or null
 * @param password the default password, or null
 * @param prefetch messages a consumer may hold before they are asked for; 0 fetches on request only
 * @param prefetchBytes bytes of such messages
 * @param connectTimeout ms to wait for a connection and its handshake
 * @param requestTimeout ms to wait for the answer to a request; 0 waits for ever
 * @param heartbeat ms of silence after which a sign of life is sent; twice that without any ends the connection; 0 is
 *     off
 * @param trusted what object messages may hold
 * @param reconnection what happens after a break
 * @param tls how connections are encrypted, or null for plain ones
 */
record ClientOptions(
        List<InetSocketAddress> addresses,
        @Nullable String clientId,
        @Nullable String user,
        @Nullable String password,
        int prefetch,
        int prefetchBytes,
        int connectTimeout,
        int requestTimeout,
        int heartbeat,
        TrustedClasses trusted,
        Reconnection reconnection,
        @Nullable TlsOptions tls) {
    static final int DEFAULT_PORT = 10911;
    private static final String SCHEME = "polymq://";

    ClientOptions {
        addresses = List.copyOf(addresses);
    }

    /**
     * Reads a URL: {@code polymq://host[:port][,host[:port]...][?option=value[&option=value]...]}.
     *
     * @throws IllegalArgumentException if it is no such URL; the message says what is wrong
     */
    static ClientOptions parse(String url) {
        if (!url.startsWith(SCHEME)) {
            throw new IllegalArgumentException("a connection URL starts with " + SCHEME + ": " + url);
        }
        int question = url.indexOf('?');
        String hosts = question < 0 ? url.substring(SCHEME.length()) : url.substring(SCHEME.length(), question);
        Options options = new Options(question < 0 ? "" : url.substring(question + 1));
        if (hosts.endsWith("/")) {
            hosts = hosts.substring(0, hosts.length() - 1);
        }
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            addresses.add(address(host.trim()));
        }
        ClientOptions result = new ClientOptions(
                addresses,
                options.text("clientId"),
                options.text("user"),
                options.text("password"),
                options.number("prefetch", 256, 0, 1_000_000),
                options.number("prefetchBytes", 1 << 20, 1, 1 << 30),
                options.number("connectTimeout", 10_000, 1, Integer.MAX_VALUE),
                options.number("requestTimeout", 30_000, 0, Integer.MAX_VALUE),
                options.number("heartbeat", 30_000, 0, Integer.MAX_VALUE),
                new TrustedClasses(options.list("trustedPackages")),
                new Reconnection(
                        options.number("reconnectAttempts", -1, -1, Integer.MAX_VALUE),
                        options.number("initialAttempts", 1, -1, Integer.MAX_VALUE),
                        options.number("reconnectDelay", 100, 1, 3_600_000),
                        options.number("reconnectMaxDelay", 5_000, 1, 3_600_000),
                        options.flag("tellBreaks", false)),
                options.tls());
        options.refuseOthers();
        return result;
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        boolean hasPort = colon >= 0 && text.indexOf(']', colon) < 0;
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("a connection URL needs a host, as in polymq://127.0.0.1:10911");
        }
        int port = hasPort ? number("port", text.substring(colon + 1), 1, 65_535) : DEFAULT_PORT;
        return InetSocketAddress.createUnresolved(host, port);
    }

    private static int number(String name, String text, int least, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " has to be a number: " + text, e);
        }
        throw new IllegalArgumentException(name + " has to be " + least + " to " + most + ": " + text);
    }

    /** The options of one URL; remembers which were asked for. */
    private static final class Options {
        private final Map<String, String> values = new LinkedHashMap<>();
        private final TreeSet<String> known = new TreeSet<>();

        Options(String query) {
            for (String pair : query.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    values.put(
                            pair.substring(0, equals),
                            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                } else if (!pair.isEmpty()) {
                    throw new IllegalArgumentException("an option is name=value: " + pair);
                }
            }
        }

        @Nullable
        String text(String name) {
            known.add(name);
            return values.get(name);
        }

        int number(String name, int byDefault, int least, int most) {
            String text = text(name);
            return text == null ? byDefault : ClientOptions.number("option " + name, text, least, most);
        }

        boolean flag(String name, boolean byDefault) {
            String text = text(name);
            if (text == null) {
                return byDefault;
            }
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException("option " + name + " has to be true or false: " + text);
            }
            return text.equals("true");
        }

        @Nullable
        TlsOptions tls() {
            boolean on = flag("tls", false);
            TlsOptions tls = new TlsOptions(
                    text("ca"),
                    text("trustStore"),
                    text("trustStorePassword"),
                    text("certificate"),
                    text("key"),
                    text("keyStore"),
                    text("keyStorePassword"),
                    flag("verifyHost", true));
            if (!on && !tls.equals(TlsOptions.DEFAULT)) {
                throw new IllegalArgumentException("options of TLS need tls=true too: " + TlsOptions.NAMES);
            }
            return on ? tls : null;
        }

        List<String> list(String name) {
            String text = text(name);
            return text == null || text.isEmpty() ? List.of() : List.of(text.split(",", -1));
        }

        void refuseOthers() {
            for (String name : values.keySet()) {
                if (!known.contains(name)) {
                    throw new IllegalArgumentException(
                            "unknown option " + name + " in the connection URL; known are " + known);
                }
            }
        }
    }
}
