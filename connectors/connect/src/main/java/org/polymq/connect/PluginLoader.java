/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The classes of one plugin: those of the JDK, of the Connect API, and its own. Nothing of the broker and of other
 * plugins is seen, so each plugin has its libraries in its own versions; only Jackson, which Kafka's runtime has and
 * archives of plugins leave out, is the API's where a plugin has none.
 */
final class PluginLoader extends URLClassLoader {
    static {
        ClassLoader.registerAsParallelCapable();
    }

    /** What the API consists of, with the transforms and converters that come with it. */
    private static final List<String> API = List.of("org.apache.kafka.", "org.slf4j.", "jakarta.ws.rs.");

    private static final String LEFT_OUT = "com.fasterxml.jackson.";

    private final ClassLoader api;

    /** @param api has the Connect API's classes */
    PluginLoader(String name, URL[] jars, ClassLoader api) {
        super(name, jars, ClassLoader.getPlatformClassLoader());
        this.api = api;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (API.stream().anyMatch(name::startsWith)) {
            try {
                return api.loadClass(name);
            } catch (ClassNotFoundException e) {
                // A plugin of Apache Kafka itself, such as connect-file: its classes are in its own jars.
                return super.loadClass(name, resolve);
            }
        }
        try {
            return super.loadClass(name, resolve);
        } catch (ClassNotFoundException e) {
            if (name.startsWith(LEFT_OUT)) {
                return api.loadClass(name);
            }
            throw e;
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL own = findResource(name);
        return own != null ? own : ClassLoader.getPlatformClassLoader().getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return findResources(name);
    }
}
