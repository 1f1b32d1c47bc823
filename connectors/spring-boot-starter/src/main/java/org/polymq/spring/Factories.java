/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQConnectionFactory;
import org.springframework.jms.connection.CachingConnectionFactory;

/** Makes PolyMQ's connection factory. */
final class Factories {
    private Factories() {}

    /**
     * The factory that these details say.
     *
     * @throws IllegalArgumentException if the URL is none or has an unknown option; the message says what is wrong
     */
    static PolyMQConnectionFactory of(PolyMQConnectionDetails details) {
        String url = with(details.getUrl(), "user", details.getUser());
        return new PolyMQConnectionFactory(with(url, "password", details.getPassword()));
    }

    private static String with(String url, String option, @Nullable String value) {
        return value == null || value.isEmpty()
                ? url
                : url + (url.indexOf('?') < 0 ? "?" : "&") + option + "=" + URLEncoder.encode(value, UTF_8);
    }

    /** Spring's cache of sessions; the network thread below it ends with the application. */
    static final class Caching extends CachingConnectionFactory {
        private final PolyMQConnectionFactory factory;

        Caching(PolyMQConnectionFactory factory) {
            super(factory);
            this.factory = factory;
        }

        @Override
        public void destroy() {
            super.destroy();
            factory.close();
        }
    }
}
