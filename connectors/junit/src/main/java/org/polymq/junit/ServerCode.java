/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.junit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** The server's jars, which lie in this jar, and the class loader that has them. Immutable; one for each process. */
final class ServerCode {
    private static final String FOLDER = "META-INF/polymq-server/";
    private static final String ENTRANCE = "org.polymq.server.EmbeddedServer";

    private final ClassLoader loader;
    private final Method open;
    private final Method listeners;

    private ServerCode(ClassLoader loader) throws ReflectiveOperationException {
        this.loader = loader;
        Class<?> entrance = loader.loadClass(ENTRANCE);
        this.open = entrance.getMethod("open", List.class);
        this.listeners = entrance.getMethod("listeners");
    }

    /** Loads the code at its first use: the classes of a second broker are there already. */
    static ServerCode shared() {
        return Loaded.CODE;
    }

    private static final class Loaded {
        static final ServerCode CODE = load();
    }

    private static ServerCode load() {
        try {
            List<URL> jars = jars();
            if (jars.isEmpty()) {
                throw new IllegalStateException(
                        FOLDER + " is not on the class path: polymq-junit was compiled, but not packaged");
            }
            return new ServerCode(
                    new URLClassLoader("polymq", jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader()));
        } catch (IOException e) {
            throw new UncheckedIOException("the broker's code cannot be unpacked: " + e.getMessage(), e);
        } catch (ReflectiveOperationException | URISyntaxException e) {
            throw new IllegalStateException("this jar does not hold the broker it was built with", e);
        }
    }

    private static List<URL> jars() throws IOException, URISyntaxException {
        Path place = Path.of(ServerCode.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<URL> jars = new ArrayList<>();
        if (Files.isDirectory(place)) {
            Path folder = place.resolve(FOLDER);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> all = Files.list(folder)) {
                    for (Path each : all.sorted().toList()) {
                        jars.add(each.toUri().toURL());
                    }
                }
            }
            return jars;
        }
        Path unpacked = Files.createTempDirectory("polymq-junit");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> TemporaryFiles.delete(unpacked), "polymq-junit-clean"));
        try (JarFile jar = new JarFile(place.toFile())) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().startsWith(FOLDER) && entry.getName().endsWith(".jar")) {
                    Path file = unpacked.resolve(entry.getName().substring(FOLDER.length()));
                    try (InputStream in = jar.getInputStream(entry)) {
                        Files.copy(in, file);
                    }
                    jars.add(file.toUri().toURL());
                }
            }
        }
        return jars;
    }

    /** Opens a server. */
    Running open(List<String> settings) throws IOException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader); // its libraries look for their services by it, and its threads inherit it
        try {
            AutoCloseable server = (AutoCloseable) open.invoke(null, settings);
            return new Running(server, addresses(server));
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalArgumentException(
                    "the broker does not start: " + (cause == null ? e : cause.getMessage()), e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(ENTRANCE + " is not what this version was built with", e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private Map<String, InetSocketAddress> addresses(Object server)
            throws InvocationTargetException, IllegalAccessException {
        @SuppressWarnings("unchecked") // as EmbeddedServer declares it
        Map<String, InetSocketAddress> addresses = (Map<String, InetSocketAddress>) listeners.invoke(server);
        return Map.copyOf(addresses);
    }

    /**
     * A server that runs.
     *
     * @param server of the other class loader
     * @param listeners where it listens
     */
    record Running(AutoCloseable server, Map<String, InetSocketAddress> listeners) {
        void close() {
            try {
                server.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("the broker did not stop well", e);
            }
        }
    }
}
