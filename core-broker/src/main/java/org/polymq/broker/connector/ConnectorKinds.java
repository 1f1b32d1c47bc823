/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads kinds of connectors when they are asked for: each from a directory of jars of its own, under the broker's
 * classes, so that a broker without connectors never sees their libraries. Safe from any thread; loading blocks.
 */
public final class ConnectorKinds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorKinds.class);

    private final Path home;
    private final ConnectorSettings settings;
    private final ClassLoader parent;
    private final Map<String, Loaded> loaded = new HashMap<>();

    private record Loaded(ConnectorKind kind, @Nullable URLClassLoader classes) {}

    /**
     * Loads nothing yet.
     *
     * @param home the directory with one directory of jars for each kind; need not exist
     * @param parent the broker's classes; kinds that are among them are found too
     */
    public ConnectorKinds(Path home, ConnectorSettings settings, ClassLoader parent) {
        this.home = home;
        this.settings = settings;
        this.parent = parent;
    }

    public ConnectorSettings settings() {
        return settings;
    }

    /** The kinds that can be loaded. */
    public synchronized Set<String> names() {
        Set<String> names = new TreeSet<>();
        if (Files.isDirectory(home)) {
            try (DirectoryStream<Path> directories = Files.newDirectoryStream(home, Files::isDirectory)) {
                directories.forEach(directory -> names.add(String.valueOf(directory.getFileName())));
            } catch (IOException e) {
                LOG.warn("cannot list the kinds of connectors in {}", home, e);
            }
        }
        ServiceLoader.load(ConnectorKindProvider.class, parent).forEach(provider -> names.add(provider.name()));
        return names;
    }

    /** @throws BrokerException INVALID_REQUEST if there is no such kind; INTERNAL if it cannot be loaded */
    public synchronized ConnectorKind get(String name) {
        Loaded known = loaded.get(name);
        if (known != null) {
            return known.kind();
        }
        if (!names().contains(name)) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "there is no kind '" + name + "' of connectors; there is " + names());
        }
        try {
            Loaded fresh = load(name);
            loaded.put(name, fresh);
            LOG.info("connectors of kind {} are loaded", name);
            return fresh.kind();
        } catch (IOException | RuntimeException | LinkageError e) {
            LOG.error("connectors of kind {} cannot be loaded", name, e);
            throw new BrokerException(Reason.INTERNAL, "connectors of kind " + name + " cannot be loaded: " + e, e);
        }
    }

    private Loaded load(String name) throws IOException {
        Path directory = home.resolve(name);
        URLClassLoader classes =
                Files.isDirectory(directory) ? new URLClassLoader(name, jars(directory), parent) : null;
        ClassLoader from = classes == null ? parent : classes;
        for (ConnectorKindProvider provider : ServiceLoader.load(ConnectorKindProvider.class, from)) {
            if (provider.name().equals(name)) {
                return new Loaded(provider.open(settings), classes);
            }
        }
        if (classes != null) {
            classes.close();
        }
        throw new IOException("no jar in " + directory + " has a provider of kind " + name);
    }

    private static URL[] jars(Path directory) throws IOException {
        List<URL> urls = new ArrayList<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
            for (Path jar : jars) {
                urls.add(url(jar));
            }
        }
        return urls.toArray(URL[]::new);
    }

    private static URL url(Path jar) throws MalformedURLException {
        return jar.toUri().toURL();
    }

    @Override
    public synchronized void close() {
        loaded.forEach((name, each) -> {
            each.kind().close();
            try {
                if (each.classes() != null) {
                    each.classes().close();
                }
            } catch (IOException e) {
                LOG.warn("the jars of kind {} did not close well", name, e);
            }
        });
        loaded.clear();
    }
}
